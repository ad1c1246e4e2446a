-- Meters as people registered them. due_at: when time alone changes what they say (silence, end of a cycle, the hour).
CREATE TABLE meters (
  tenant     TEXT   NOT NULL,
  meter_id   TEXT   NOT NULL,
  site_id    TEXT   NOT NULL,
  tariff_id  TEXT   NOT NULL,
  plan       TEXT   NOT NULL,
  due_at     BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, meter_id)
);
CREATE INDEX meters_by_site ON meters (tenant, site_id);
CREATE INDEX meters_by_due ON meters (due_at);

-- Where each meter stands: last reading, open windows, peaks. Outlives the meter: registered again it goes on.
CREATE TABLE meter_states (
  tenant     TEXT   NOT NULL,
  meter_id   TEXT   NOT NULL,
  memory     TEXT   NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, meter_id)
);

-- Interval records, one row for each day of the meter's grid and channel.
CREATE TABLE meter_days (
  tenant     TEXT     NOT NULL,
  meter_id   TEXT     NOT NULL,
  channel    TEXT     NOT NULL,
  day        BIGINT   NOT NULL,
  content    {{blob}} NOT NULL,
  updated_at BIGINT   NOT NULL,
  PRIMARY KEY (tenant, meter_id, channel, day)
);

-- What every stream said last. Outlives the meter: revisions are never counted from the start again.
CREATE TABLE meter_streams (
  tenant       TEXT   NOT NULL,
  site_id      TEXT   NOT NULL,
  target_kind  TEXT   NOT NULL,
  target_id    TEXT   NOT NULL,
  stream       TEXT   NOT NULL,
  meter_id     TEXT   NOT NULL,
  revision     BIGINT NOT NULL,
  draft        TEXT   NULL,
  published_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, site_id, target_kind, target_id, stream)
);
CREATE INDEX meter_streams_by_meter ON meter_streams (tenant, meter_id);

-- Where reading of the hub's feedback stands.
CREATE TABLE feedback_cursors (
  hub        TEXT   NOT NULL PRIMARY KEY,
  cursor     TEXT   NOT NULL,
  updated_at BIGINT NOT NULL
);
