-- The sessions that a bill was split among, as they were told: asked again, they say why a session pays what it pays. Null: split before they were kept.
ALTER TABLE bill_allocations ADD COLUMN sessions_sealed TEXT NULL;
