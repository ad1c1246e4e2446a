-- The epoch is made with the database and never changes: a cursor of another epoch is of another history.
CREATE TABLE hub_epoch (one BIGINT PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL);

-- One head row per site: whoever raises its sequence holds the row until its commit, so no reader ever sees 11 before 10.
CREATE TABLE site (
    id {{identity}},
    tenant TEXT NOT NULL,
    site TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    trimmed_to BIGINT NOT NULL,
    UNIQUE (tenant, site));

-- The log of a site: only ever appended to, and trimmed.
CREATE TABLE entry (
    site_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    type TEXT NOT NULL,
    envelope_id TEXT NULL,
    revision BIGINT NOT NULL,
    content TEXT NOT NULL,
    event TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (site_id, sequence));
CREATE INDEX entry_envelope ON entry (site_id, envelope_id);
CREATE INDEX entry_at ON entry (at);

-- Which entry holds for each key of a site. Tombstones stay. What holds is never trimmed from the log.
CREATE TABLE live (
    site_id BIGINT NOT NULL,
    stream_key TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (site_id, stream_key));

-- What was fed back before: receipts by (envelope, revision, state), readings by (asset, instant).
CREATE TABLE feedback_key (
    site_id BIGINT NOT NULL,
    feedback_key TEXT NOT NULL,
    content TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (site_id, feedback_key));
CREATE INDEX feedback_key_at ON feedback_key (at);

-- Receipts and readings of a tenant in the order in which they were stored.
CREATE TABLE feedback_head (tenant TEXT PRIMARY KEY, sequence BIGINT NOT NULL, trimmed_to BIGINT NOT NULL);
CREATE TABLE feedback (
    tenant TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    site TEXT NOT NULL,
    item TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, sequence));
