-- What was answered to a caller's Idempotency-Key, kept in the commit that did the work.
CREATE TABLE idempotency_keys (
  tenant          TEXT   NOT NULL,
  path            TEXT   NOT NULL,
  idempotency_key TEXT   NOT NULL,
  sha256          TEXT   NOT NULL,
  status          BIGINT NULL,
  location        TEXT   NULL,
  answer          TEXT   NULL,
  created_at      BIGINT NOT NULL,
  PRIMARY KEY (tenant, path, idempotency_key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
