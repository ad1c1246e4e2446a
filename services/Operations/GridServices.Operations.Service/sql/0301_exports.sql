-- Files that were asked for, made by a job and kept for thirty days. Personal data is masked in them.
CREATE TABLE exports (
  tenant     TEXT   NOT NULL,
  id         TEXT   NOT NULL,
  kind       TEXT   NOT NULL,
  format     TEXT   NOT NULL,
  from_at    BIGINT NOT NULL,
  until_at   BIGINT NOT NULL,
  state      TEXT   NOT NULL,
  rows_made  BIGINT NOT NULL,
  sha256     TEXT   NULL,
  created_by TEXT   NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at   BIGINT NULL,
  problem    TEXT   NULL,
  content    TEXT   NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX exports_by_state ON exports (state, id);

-- Secret addresses of calendars, each a person's; kept as hashes.
CREATE TABLE calendar_feeds (
  token_hash TEXT   NOT NULL PRIMARY KEY,
  tenant     TEXT   NOT NULL,
  user_id    TEXT   NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX calendar_feeds_by_user ON calendar_feeds (tenant, user_id);

-- Codes to sign in by once where the authenticator is lost; kept as hashes.
CREATE TABLE recovery_codes (
  tenant    TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  code_hash TEXT NOT NULL,
  PRIMARY KEY (tenant, user_id, code_hash)
);
