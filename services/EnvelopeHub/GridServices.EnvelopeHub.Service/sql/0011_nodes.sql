-- Several instances on one store: which sites each commit of publications changed, for the others. Written in the commit's own transaction while it
-- holds its counter, so no number appears before a lower one. The text names a site per line.
CREATE TABLE commit_news (commits BIGINT PRIMARY KEY, previous BIGINT NOT NULL, node TEXT NOT NULL, sites TEXT NOT NULL, at BIGINT NOT NULL);

-- Raised in each transaction that changes what is known of publishers, or of the utilities behind streams.
CREATE TABLE node_topic (topic TEXT PRIMARY KEY, changes BIGINT NOT NULL);
INSERT INTO node_topic (topic, changes) VALUES ('publishers', 0), ('upstream', 0);
ALTER TABLE upstream_report ADD COLUMN change BIGINT NOT NULL DEFAULT 0;
ALTER TABLE upstream_report ADD COLUMN node TEXT NOT NULL DEFAULT '';

-- The newest start of an instance at which the publisher had confirmed that the store is the one it knows: who started no later may rely on it.
ALTER TABLE publisher ADD COLUMN confirmed_run BIGINT NOT NULL DEFAULT 0;
