-- When it was written down that the OpenAdr service has what it was told; null: it was told, and its answer, or the service itself, was lost.
ALTER TABLE opt_told ADD COLUMN noted_at BIGINT NULL;
UPDATE opt_told SET noted_at = told_at;
