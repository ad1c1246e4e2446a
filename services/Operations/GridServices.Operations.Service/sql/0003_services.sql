-- The standing limit of each site's connection as it was published last; without a draft it is withdrawn.
CREATE TABLE connection_limits (
  tenant     TEXT   NOT NULL,
  site_id    TEXT   NOT NULL,
  revision   BIGINT NOT NULL,
  content    TEXT   NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, site_id)
);

-- Since when each service answers us, or does not.
CREATE TABLE service_states (
  tenant       TEXT   NOT NULL,
  service      TEXT   NOT NULL,
  ok_at        BIGINT NULL,
  failed_since BIGINT NULL,
  problem      TEXT   NULL,
  PRIMARY KEY (tenant, service)
);
