-- SHA-256 over tenant, site, instant of arrival and item, lower-case hex: what changed in the store is not served. NULL: written before.
ALTER TABLE feedback ADD COLUMN proof TEXT NULL;
ALTER TABLE site_receipt ADD COLUMN proof TEXT NULL;
