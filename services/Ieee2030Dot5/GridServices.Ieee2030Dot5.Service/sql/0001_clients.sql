CREATE TABLE clients (
  tenant          TEXT   NOT NULL,
  client_key      TEXT   NOT NULL,
  config          TEXT   NOT NULL,
  -- Last part of the path the utility notifies at; drawn once, never guessable.
  notification_id TEXT   NOT NULL UNIQUE,
  -- Of the certificate last in use: the client goes on by it while its files can't be read.
  lfdi            TEXT   NULL,
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL,
  PRIMARY KEY (tenant, client_key)
);

-- What the engine must find again after a restart. Outlives the client: the revisions of its streams must never be counted from the start again.
CREATE TABLE client_states (
  tenant     TEXT   NOT NULL,
  client_key TEXT   NOT NULL,
  state      TEXT   NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, client_key)
);

-- Every exchange, in order; polls that bring nothing new are counted onto the row that brought it.
CREATE TABLE exchanges (
  id           {{identity}},
  tenant       TEXT   NOT NULL,
  client_key   TEXT   NOT NULL,
  first_at     BIGINT NOT NULL,
  last_at      BIGINT NOT NULL,
  times        BIGINT NOT NULL,
  direction    TEXT   NOT NULL,
  method       TEXT   NOT NULL,
  href         TEXT   NOT NULL,
  purpose      TEXT   NOT NULL,
  http_status  BIGINT NULL,
  problem      TEXT   NULL,
  sha256       TEXT   NULL,
  request_body {{blob}} NULL,
  reply_body   {{blob}} NULL
);
CREATE INDEX exchanges_by_client ON exchanges (tenant, client_key, id);
CREATE INDEX exchanges_by_age ON exchanges (last_at);

-- Where reading of the hub's feedback stands.
CREATE TABLE feedback_cursors (
  hub        TEXT   NOT NULL PRIMARY KEY,
  cursor     TEXT   NOT NULL,
  updated_at BIGINT NOT NULL
);
