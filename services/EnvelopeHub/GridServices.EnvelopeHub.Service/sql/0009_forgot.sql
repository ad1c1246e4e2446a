-- 1: the publisher knew the hub once and came back without knowing it; its store was lost, and that it says nothing proves nothing.
ALTER TABLE publisher ADD COLUMN forgot BIGINT NOT NULL DEFAULT 0;
