-- What each site's price series said last. Outlives the meter: revisions are never counted from the start again.
-- draft: null = nothing is said. series: the stored price series that it depends on, as |one|other|. due_at: when it is looked at again.
CREATE TABLE published_prices (
  tenant       TEXT   NOT NULL,
  site_id      TEXT   NOT NULL,
  meter_id     TEXT   NOT NULL,
  revision     BIGINT NOT NULL,
  draft        TEXT   NULL,
  series       TEXT   NOT NULL,
  published_at BIGINT NOT NULL,
  due_at       BIGINT NOT NULL,
  PRIMARY KEY (tenant, site_id)
);
CREATE INDEX published_prices_by_meter ON published_prices (tenant, meter_id);
