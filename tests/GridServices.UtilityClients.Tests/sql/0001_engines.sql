CREATE TABLE engines (
  tenant     TEXT   NOT NULL,
  engine_key TEXT   NOT NULL,
  sites      TEXT   NOT NULL,
  PRIMARY KEY (tenant, engine_key)
);

CREATE TABLE engine_states (
  tenant     TEXT   NOT NULL,
  engine_key TEXT   NOT NULL,
  total      BIGINT NOT NULL,
  deferred   BIGINT NOT NULL,
  PRIMARY KEY (tenant, engine_key)
);

CREATE TABLE letters (
  id          {{identity}},
  tenant      TEXT   NOT NULL,
  engine_key  TEXT   NOT NULL,
  first_at    BIGINT NOT NULL,
  last_at     BIGINT NOT NULL,
  times       BIGINT NOT NULL,
  direction   TEXT   NOT NULL,
  http_status BIGINT NULL,
  problem     TEXT   NULL,
  sha256      TEXT   NULL,
  subject     TEXT   NOT NULL,
  raw_body    {{blob}} NULL
);

CREATE TABLE engine_fences (
  tenant     TEXT   NOT NULL,
  engine_key TEXT   NOT NULL,
  fence      BIGINT NOT NULL,
  PRIMARY KEY (tenant, engine_key)
);

CREATE TABLE feedback_cursors (
  hub        TEXT   NOT NULL PRIMARY KEY,
  cursor     TEXT   NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE engine_index (
  tenant     TEXT   NOT NULL,
  engine_key TEXT   NOT NULL,
  kind       TEXT   NOT NULL,
  what       TEXT   NOT NULL,
  PRIMARY KEY (tenant, engine_key, kind, what)
);
