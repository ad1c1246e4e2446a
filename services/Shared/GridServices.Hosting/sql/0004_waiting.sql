-- Why a parked item is not lost: 1 = the hub holds another word, and the service has not heard its utility since its start; 2 = another publisher went above it
-- again and again. Both are sent again by themselves. NULL: it waits for a person, or is not parked.
ALTER TABLE outbox ADD COLUMN waits BIGINT NULL;

-- The start of the service in which the word was said; another one than the present: it is known from the store alone.
ALTER TABLE published_stream ADD COLUMN run TEXT NULL;
CREATE INDEX outbox_waits ON outbox (stream) WHERE waits IS NOT NULL;
