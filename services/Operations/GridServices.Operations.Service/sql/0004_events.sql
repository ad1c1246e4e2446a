CREATE TABLE events (
  tenant     TEXT   NOT NULL,
  id         TEXT   NOT NULL,
  version    BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  body       TEXT   NOT NULL,
  source     TEXT   NOT NULL,
  origin     TEXT   NOT NULL,
  program    TEXT   NULL,
  from_at    BIGINT NOT NULL,
  over_at    BIGINT NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX events_by_source ON events (tenant, source);
CREATE INDEX events_by_end ON events (tenant, over_at);
CREATE INDEX events_by_start ON events (tenant, from_at, id);

-- Which sites an event is for: to find a site's events by.
CREATE TABLE event_sites (
  tenant   TEXT   NOT NULL,
  site_id  TEXT   NOT NULL,
  event_id TEXT   NOT NULL,
  over_at  BIGINT NOT NULL,
  PRIMARY KEY (tenant, site_id, event_id)
);
CREATE INDEX event_sites_by_event ON event_sites (tenant, event_id);

-- What persons chose for a site in an event; kept until long after the event, and told to the service again whenever it says otherwise.
CREATE TABLE opt_choices (
  tenant     TEXT   NOT NULL,
  source     TEXT   NOT NULL,
  site_id    TEXT   NOT NULL,
  direction  TEXT   NOT NULL,
  reason     TEXT   NOT NULL,
  text       TEXT   NULL,
  chosen_by  TEXT   NOT NULL,
  chosen_at  BIGINT NOT NULL,
  told_at    BIGINT NULL,
  problem    TEXT   NULL,
  PRIMARY KEY (tenant, source, site_id)
);

-- What waits for a second person.
CREATE TABLE approvals (
  tenant       TEXT   NOT NULL,
  id           TEXT   NOT NULL,
  action       TEXT   NOT NULL,
  content      TEXT   NOT NULL,
  content_hash TEXT   NOT NULL,
  requested_by TEXT   NOT NULL,
  requested_at BIGINT NOT NULL,
  decided_by   TEXT   NULL,
  decided_at   BIGINT NULL,
  verdict      TEXT   NULL,
  PRIMARY KEY (tenant, id)
);
