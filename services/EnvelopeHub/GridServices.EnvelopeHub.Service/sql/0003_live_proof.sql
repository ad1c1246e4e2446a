-- SHA-256 over key, sequence and content of what is live: a row that points elsewhere than it did is known as damaged. NULL: written before.
ALTER TABLE live ADD COLUMN proof TEXT NULL;
