-- As in the outbox: what changed in the store is not said again. NULL: written before. damaged = 1: found so; until the service states the stream anew the hub must not hear that everything is restated.
ALTER TABLE published_stream ADD COLUMN proof TEXT NULL;
ALTER TABLE published_stream ADD COLUMN damaged BIGINT NOT NULL DEFAULT 0;
