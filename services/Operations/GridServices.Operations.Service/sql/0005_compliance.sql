-- The limits that held at a site during events, as the hub said at the time; what is not recorded is unknown.
CREATE TABLE recorded_limits (
  tenant   TEXT   NOT NULL,
  site_id  TEXT   NOT NULL,
  from_at  BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  body     TEXT   NOT NULL,
  PRIMARY KEY (tenant, site_id, from_at)
);

-- Reports of events: the last one of each site; earlier ones are in the audit by their hash.
CREATE TABLE compliance_reports (
  tenant   TEXT   NOT NULL,
  event_id TEXT   NOT NULL,
  site_id  TEXT   NOT NULL,
  status   TEXT   NOT NULL,
  made_at  BIGINT NOT NULL,
  hash     TEXT   NOT NULL,
  body     TEXT   NOT NULL,
  PRIMARY KEY (tenant, event_id, site_id)
);
