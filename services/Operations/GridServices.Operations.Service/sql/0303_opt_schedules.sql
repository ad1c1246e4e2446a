-- Opt schedules of ours at the OpenAdr service: kept before they are sent, until the service has forgotten them.
CREATE TABLE opt_schedules (
  tenant        TEXT NOT NULL,
  id            TEXT NOT NULL,
  enrollment_id TEXT NOT NULL,
  body          TEXT NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX opt_schedules_by_enrollment ON opt_schedules (tenant, enrollment_id);
