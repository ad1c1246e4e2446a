-- Where in its tenant's feedback log an item is. The key begins with the instant of the reading, so that it finds the readings of a site and span
-- without another index. NULL: written by an older version, and not listed.
ALTER TABLE feedback_key ADD COLUMN sequence BIGINT NULL;

-- Receipts are few and kept longer than the log: they have a table of their own.
CREATE TABLE site_receipt (
    site_id BIGINT NOT NULL,
    receipt_key TEXT NOT NULL,
    at BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    item TEXT NOT NULL,
    PRIMARY KEY (site_id, receipt_key));
CREATE INDEX site_receipt_at ON site_receipt (site_id, at, sequence);
CREATE INDEX site_receipt_received ON site_receipt (received_at);

-- All that came in since then can be listed; 0: all that ever did. What came in before this version can't.
ALTER TABLE feedback_head ADD COLUMN readings_since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE feedback_head ADD COLUMN receipts_since BIGINT NOT NULL DEFAULT 0;
UPDATE feedback_head SET readings_since = COALESCE((SELECT MAX(f.at) + 1 FROM feedback f WHERE f.tenant = feedback_head.tenant), 0);
UPDATE feedback_head SET receipts_since = readings_since;
