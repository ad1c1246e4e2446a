-- 1: the publisher once said hello with the epoch of an answer of the hub. Only such a one can be told to have lost its store.
ALTER TABLE publisher ADD COLUMN knew_hub BIGINT NOT NULL DEFAULT 0;
