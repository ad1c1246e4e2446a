-- Settlements of events at sites: every one that was made, the last one holds.
CREATE TABLE settlements (
  tenant   TEXT   NOT NULL,
  id       TEXT   NOT NULL,
  event_id TEXT   NOT NULL,
  site_id  TEXT   NOT NULL,
  number   BIGINT NOT NULL,
  made_at  BIGINT NOT NULL,
  body     TEXT   NOT NULL,
  PRIMARY KEY (tenant, id),
  UNIQUE (tenant, event_id, site_id, number)
);
CREATE INDEX settlements_by_site ON settlements (tenant, site_id, id);

-- Bills split among charging sessions; drivers' cards and contracts are personal data, so the whole result is sealed.
CREATE TABLE bill_allocations (
  tenant         TEXT   NOT NULL,
  id             TEXT   NOT NULL,
  meter_point_id TEXT   NOT NULL,
  site_id        TEXT   NOT NULL,
  month          TEXT   NOT NULL,
  made_at        BIGINT NOT NULL,
  body_sealed    TEXT   NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX bill_allocations_by_meter_point ON bill_allocations (tenant, meter_point_id, month, id);
