-- Temperatures of weather stations, °C, point by point beside the price series. Numbers are texts: no digit is lost. What has no point is not known.
CREATE TABLE temperature_points (
  tenant   TEXT   NOT NULL,
  station  TEXT   NOT NULL,
  from_at  BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  celsius  TEXT   NOT NULL,
  PRIMARY KEY (tenant, station, from_at)
);
