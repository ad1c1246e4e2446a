-- Carbon intensity of grid zones, g per kWh, point by point beside the price series. Numbers are texts: no digit is lost. What has no point is not known.
CREATE TABLE intensity_points (
  tenant    TEXT   NOT NULL,
  grid_zone TEXT   NOT NULL,
  from_at   BIGINT NOT NULL,
  until_at  BIGINT NOT NULL,
  grams     TEXT   NOT NULL,
  PRIMARY KEY (tenant, grid_zone, from_at)
);

-- What a site's carbon report is made of.
CREATE TABLE site_carbon_plans (
  tenant     TEXT   NOT NULL,
  site_id    TEXT   NOT NULL,
  content    TEXT   NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, site_id)
);
