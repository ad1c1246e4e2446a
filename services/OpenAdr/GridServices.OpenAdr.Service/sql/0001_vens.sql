CREATE TABLE vens (
  tenant     TEXT   NOT NULL,
  ven_key    TEXT   NOT NULL,
  config     TEXT   NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, ven_key)
);

-- What the engine must find again after a restart. Outlives the VEN: the revisions of its streams must never be counted from the start again.
CREATE TABLE ven_states (
  tenant     TEXT   NOT NULL,
  ven_key    TEXT   NOT NULL,
  state      TEXT   NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, ven_key)
);

-- Every message sent and received, in order; consecutive empty polls are one counted row.
CREATE TABLE messages (
  id          {{identity}},
  tenant      TEXT   NOT NULL,
  ven_key     TEXT   NOT NULL,
  first_at    BIGINT NOT NULL,
  last_at     BIGINT NOT NULL,
  times       BIGINT NOT NULL,
  direction   TEXT   NOT NULL,
  service     TEXT   NOT NULL,
  message     TEXT   NULL,
  http_status BIGINT NULL,
  problem     TEXT   NULL,
  sha256      TEXT   NULL,
  body        {{blob}} NULL
);
CREATE INDEX messages_by_ven ON messages (tenant, ven_key, id);
CREATE INDEX messages_by_age ON messages (last_at);

-- Where reading of the hub's feedback stands.
CREATE TABLE feedback_cursors (
  hub        TEXT   NOT NULL PRIMARY KEY,
  cursor     TEXT   NOT NULL,
  updated_at BIGINT NOT NULL
);

-- The measurements a VEN keeps for its reports, apart from its state: a reading must not rewrite the whole state.
CREATE TABLE report_points (
  tenant          TEXT   NOT NULL,
  ven_key         TEXT   NOT NULL,
  r_id            TEXT   NOT NULL,
  at              BIGINT NOT NULL,
  value           BIGINT NULL,
  manual_override BIGINT NULL,
  PRIMARY KEY (tenant, ven_key, r_id, at)
);
