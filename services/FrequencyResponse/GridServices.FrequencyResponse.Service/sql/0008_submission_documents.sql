-- What the first try sends, so that each later one sends the same under the same key.
ALTER TABLE submissions ADD COLUMN document TEXT NULL;
CREATE INDEX submissions_due ON submissions (tenant, next_at);
