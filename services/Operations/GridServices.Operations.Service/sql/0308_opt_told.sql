-- What the OpenAdr service was told about a site in an event, the last of each direction; kept before it is sent, so that its own words are known again.
CREATE TABLE opt_told (
  tenant    TEXT   NOT NULL,
  source    TEXT   NOT NULL,
  site_id   TEXT   NOT NULL,
  direction TEXT   NOT NULL,
  basis     TEXT   NOT NULL,
  who       TEXT   NOT NULL,
  reason    TEXT   NOT NULL,
  told_at   BIGINT NOT NULL,
  PRIMARY KEY (tenant, source, site_id, direction)
);
