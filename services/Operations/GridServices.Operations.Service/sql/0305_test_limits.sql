-- Test limits that were sent to controllers and are waited for; the outcome is a readiness test.
CREATE TABLE test_limits (
  tenant        TEXT   NOT NULL,
  enrollment_id TEXT   NOT NULL,
  site_id       TEXT   NOT NULL,
  revision      BIGINT NOT NULL,
  waiting       BIGINT NOT NULL,
  body          TEXT   NOT NULL,
  PRIMARY KEY (tenant, enrollment_id)
);
CREATE INDEX test_limits_by_site ON test_limits (tenant, site_id);
