-- Price series per kWh, point by point. Tenant '' = fetched for all tenants. Prices are texts: no digit is lost.
CREATE TABLE price_points (
  tenant   TEXT   NOT NULL,
  series   TEXT   NOT NULL,
  from_at  BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  price    TEXT   NOT NULL,
  currency TEXT   NOT NULL,
  PRIMARY KEY (tenant, series, from_at)
);

-- How fetching of each market day stands, with the document as it came.
CREATE TABLE day_ahead_days (
  zone        TEXT     NOT NULL,
  day         TEXT     NOT NULL,
  state       TEXT     NOT NULL,
  tries       BIGINT   NOT NULL,
  tried_at    BIGINT   NOT NULL,
  next_try_at BIGINT   NULL,
  problem     TEXT     NULL,
  sha256      TEXT     NULL,
  document    {{blob}} NULL,
  PRIMARY KEY (zone, day)
);
