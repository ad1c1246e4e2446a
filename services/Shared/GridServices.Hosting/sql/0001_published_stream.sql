-- Which stream an item speaks for, the revision its service gave it, and the epoch of the hub in which it is said again (null: it is said for the first time).
ALTER TABLE outbox ADD COLUMN stream TEXT NULL;
ALTER TABLE outbox ADD COLUMN revision BIGINT NULL;
ALTER TABLE outbox ADD COLUMN restates TEXT NULL;

-- The latest word on each stream: all that is needed to say everything live again to a hub that lost it.
-- raised_by is added to the service's own revision on the way out, so that it lies above what the hub holds.
CREATE TABLE published_stream (
    stream TEXT PRIMARY KEY,
    site_id TEXT NOT NULL,
    revision BIGINT NOT NULL,
    raised_by BIGINT NOT NULL,
    raised_since BIGINT NOT NULL,
    raised_times BIGINT NOT NULL,
    behind BIGINT NOT NULL,
    withdrawn BIGINT NOT NULL,
    body {{blob}} NOT NULL,
    at BIGINT NOT NULL
);

-- The hub's history as this publisher last saw it, and the epoch in which all of published_stream was taken by the hub.
CREATE TABLE hub_seen (one BIGINT PRIMARY KEY CHECK (one = 1), epoch TEXT NULL, head BIGINT NOT NULL, restated TEXT NULL);
