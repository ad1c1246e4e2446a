-- What a signer's link is made of: random, sealed, and only while the request is open. A link of a mail of before is known by its hash, as it was.
ALTER TABLE signature_requests ADD COLUMN seed TEXT NULL;
