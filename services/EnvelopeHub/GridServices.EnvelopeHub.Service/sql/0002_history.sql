-- One epoch is one history. What a dump can't carry is written down when it begins, so that a restored schema shows.
ALTER TABLE hub_epoch ADD COLUMN began_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE hub_epoch ADD COLUMN evidence TEXT NULL;
CREATE TABLE history_witness (one BIGINT PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL);

-- Epochs that ended here, and those of other histories that publishers came with.
CREATE TABLE past_epoch (epoch TEXT PRIMARY KEY, ended_at BIGINT NOT NULL);

-- Raised in every committing transaction; a row per writer, so that the two never wait for one another.
CREATE TABLE commit_count (writer TEXT PRIMARY KEY, commits BIGINT NOT NULL);
INSERT INTO commit_count (writer, commits) VALUES ('publications', 0), ('feedback', 0);

-- Who publishes, and in which epoch it has said everything live.
CREATE TABLE publisher (
    tenant TEXT NOT NULL,
    source TEXT NOT NULL,
    speaks BIGINT NOT NULL,
    first_heard BIGINT NOT NULL,
    restated TEXT NULL,
    PRIMARY KEY (tenant, source));

-- Tenants whose publishers have all restated in an epoch.
CREATE TABLE settled_tenant (tenant TEXT PRIMARY KEY, epoch TEXT NOT NULL);
