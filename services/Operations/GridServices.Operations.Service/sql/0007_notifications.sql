-- What was, or is to be, told to whom; without names or addresses, which are read when it is sent.
CREATE TABLE notifications (
  tenant       TEXT   NOT NULL,
  id           TEXT   NOT NULL,
  message_key  TEXT   NOT NULL,
  recipient_id TEXT   NOT NULL,
  channel      TEXT   NOT NULL,
  subject      TEXT   NOT NULL,
  covers       TEXT   NULL,
  state        TEXT   NOT NULL,
  tries        BIGINT NOT NULL,
  next_at      BIGINT NULL,
  created_at   BIGINT NOT NULL,
  sent_at      BIGINT NULL,
  ack_at       BIGINT NULL,
  problem      TEXT   NULL,
  body         TEXT   NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX notifications_by_key ON notifications (tenant, message_key);
CREATE INDEX notifications_due ON notifications (tenant, state, next_at);

CREATE TABLE ack_tokens (
  token_hash TEXT   NOT NULL PRIMARY KEY,
  tenant     TEXT   NOT NULL,
  body       TEXT   NOT NULL,
  issued_at  BIGINT NOT NULL,
  used_at    BIGINT NULL
);

CREATE TABLE webhooks (
  tenant        TEXT   NOT NULL,
  id            TEXT   NOT NULL,
  version       BIGINT NOT NULL,
  updated_at    BIGINT NOT NULL,
  body          TEXT   NOT NULL,
  url           TEXT   NOT NULL,
  secret_sealed TEXT   NULL,
  PRIMARY KEY (tenant, id)
);

CREATE TABLE webhook_deliveries (
  tenant     TEXT   NOT NULL,
  id         TEXT   NOT NULL,
  webhook_id TEXT   NOT NULL,
  occasion   TEXT   NOT NULL,
  body       TEXT   NOT NULL,
  state      TEXT   NOT NULL,
  tries      BIGINT NOT NULL,
  next_at    BIGINT NULL,
  created_at BIGINT NOT NULL,
  sent_at    BIGINT NULL,
  problem    TEXT   NULL,
  PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX webhook_deliveries_by_occasion ON webhook_deliveries (tenant, webhook_id, occasion);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (tenant, state, next_at);
