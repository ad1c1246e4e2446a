-- SHA-256 over site and body, lower-case hex: a limit whose digits changed in the store is parked, not sent. NULL: written before.
ALTER TABLE outbox ADD COLUMN proof TEXT NULL;
