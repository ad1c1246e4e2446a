-- Which certificate an enrollment identifies itself by; a body names its certificate before anything that people call so, and 17 characters before its id.
ALTER TABLE enrollments ADD COLUMN certificate_id TEXT NULL;
UPDATE enrollments SET certificate_id = (
  SELECT certificates.id FROM certificates
  WHERE certificates.tenant = enrollments.tenant AND certificates.id = SUBSTR(enrollments.body, {{position}}(enrollments.body, '"certificateId":"') + 17, 26)
) WHERE body LIKE '%"certificateId":"%';
CREATE INDEX enrollments_by_certificate ON enrollments (tenant, certificate_id);
