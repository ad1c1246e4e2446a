-- Every version of every tariff, as checked JSON of our own schema; OCPI tariffs as they came.
CREATE TABLE tariffs (
  tenant     TEXT   NOT NULL,
  tariff_id  TEXT   NOT NULL,
  version    TEXT   NOT NULL,
  kind       TEXT   NOT NULL,
  hash       TEXT   NOT NULL,
  content    TEXT   NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, tariff_id, version)
);
