-- Files that people handed in; their text holds personal data and is encrypted.
CREATE TABLE imports (
  tenant         TEXT   NOT NULL,
  id             TEXT   NOT NULL,
  kind           TEXT   NOT NULL,
  file_name      TEXT   NOT NULL,
  sha256         TEXT   NOT NULL,
  dry_run        BIGINT NOT NULL,
  state          TEXT   NOT NULL,
  total          BIGINT NOT NULL,
  done           BIGINT NOT NULL,
  applied        BIGINT NOT NULL,
  unchanged      BIGINT NOT NULL,
  warnings       BIGINT NOT NULL,
  errors         BIGINT NOT NULL,
  created_by     TEXT   NOT NULL,
  created_at     BIGINT NOT NULL,
  started_at     BIGINT NULL,
  ended_at       BIGINT NULL,
  problem        TEXT   NULL,
  content_sealed TEXT   NOT NULL,
  PRIMARY KEY (tenant, id)
);

CREATE TABLE import_rows (
  tenant    TEXT   NOT NULL,
  import_id TEXT   NOT NULL,
  number    BIGINT NOT NULL,
  status    TEXT   NOT NULL,
  message   TEXT   NOT NULL,
  entity_id TEXT   NULL,
  url       TEXT   NULL,
  PRIMARY KEY (tenant, import_id, number)
);

-- What was applied last under a row's key (a keyed hash: keys hold mail addresses): the same row again changes nothing.
CREATE TABLE applied_rows (
  tenant    TEXT NOT NULL,
  kind      TEXT NOT NULL,
  key_index TEXT NOT NULL,
  row_hash  TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  PRIMARY KEY (tenant, kind, key_index)
);
