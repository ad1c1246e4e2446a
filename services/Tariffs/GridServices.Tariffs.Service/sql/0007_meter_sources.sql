-- How each source of interval files (a utility, a logger) writes them, declared once.
CREATE TABLE meter_sources (
  tenant     TEXT   NOT NULL,
  source_id  TEXT   NOT NULL,
  content    TEXT   NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, source_id)
);
