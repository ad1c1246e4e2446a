-- Signers that were asked to sign by a link: the token is kept as a hash, and only while a link was sent.
CREATE TABLE signature_requests (
  tenant        TEXT   NOT NULL,
  id            TEXT   NOT NULL,
  enrollment_id TEXT   NOT NULL,
  contact_id    TEXT   NOT NULL,
  token_hash    TEXT   NULL,
  ended_at      BIGINT NULL,
  body          TEXT   NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX signature_requests_by_token ON signature_requests (token_hash);
CREATE INDEX signature_requests_by_enrollment ON signature_requests (tenant, enrollment_id, id);
CREATE INDEX signature_requests_by_contact ON signature_requests (tenant, contact_id);
