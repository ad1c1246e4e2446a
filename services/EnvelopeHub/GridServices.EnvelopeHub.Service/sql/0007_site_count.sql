-- How often the row was raised: 1 tells the statement that raises it that it has made it.
ALTER TABLE site ADD COLUMN raises BIGINT NOT NULL DEFAULT 1;

-- How many sites each writer has made, and the sum over their names: a site whose own row is gone, or has another name now, is known as missing.
ALTER TABLE commit_count ADD COLUMN sites BIGINT NOT NULL DEFAULT 0;
-- NULL: sites are older than the sum, which is taken at the next start.
ALTER TABLE commit_count ADD COLUMN names BIGINT NULL;
UPDATE commit_count SET sites = (SELECT COUNT(*) FROM site) WHERE writer = 'publications';
UPDATE commit_count SET names = 0 WHERE writer = 'feedback' OR NOT EXISTS (SELECT 1 FROM site);
