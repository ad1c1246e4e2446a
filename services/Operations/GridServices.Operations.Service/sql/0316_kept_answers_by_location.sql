-- Answers that made something are found by it when personal data are erased, also among a million of them.
CREATE INDEX idempotency_keys_by_location ON idempotency_keys (tenant, location);
