-- Tokens of sites' controllers: their hashes, from which the hub's second tokens file is written.
CREATE TABLE controller_tokens (
  tenant     TEXT   NOT NULL,
  id         TEXT   NOT NULL,
  version    BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  body       TEXT   NOT NULL,
  site_id    TEXT   NOT NULL,
  name       TEXT   NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX controller_tokens_by_site ON controller_tokens (tenant, site_id);
