-- The standing limit of each site's connection as it was published last; without a draft it is withdrawn.
CREATE TABLE connection_limits (
  tenant     TEXT   NOT NULL,
  site_id    TEXT   NOT NULL,
  revision   BIGINT NOT NULL,
  content    TEXT   NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, site_id)
);

-- Since when each service answers us, or does not.
CREATE TABLE service_states (
  tenant       TEXT   NOT NULL,
  service      TEXT   NOT NULL,
  ok_at        BIGINT NULL,
  failed_since BIGINT NULL,
  problem      TEXT   NULL,
  PRIMARY KEY (tenant, service)
);

-- Enrollments with something to be written at the services.
CREATE TABLE enrollment_work (
  tenant        TEXT   NOT NULL,
  enrollment_id TEXT   NOT NULL,
  wanted_at     BIGINT NOT NULL,
  due_at        BIGINT NOT NULL,
  tries         BIGINT NOT NULL,
  problem       TEXT   NULL,
  PRIMARY KEY (tenant, enrollment_id)
);
CREATE INDEX enrollment_work_by_due ON enrollment_work (due_at);

-- What was written at a service, as it was wanted and as the service showed it afterwards; and what was found there instead.
CREATE TABLE service_documents (
  tenant      TEXT   NOT NULL,
  service     TEXT   NOT NULL,
  path        TEXT   NOT NULL,
  wanted      TEXT   NOT NULL,
  seen        TEXT   NULL,
  etag        TEXT   NULL,
  written_at  BIGINT NOT NULL,
  taken_over  TEXT   NULL,
  found       TEXT   NULL,
  found_etag  TEXT   NULL,
  found_at    BIGINT NULL,
  PRIMARY KEY (tenant, path)
);

-- Which enrollments a document is for.
CREATE TABLE document_enrollments (
  tenant        TEXT NOT NULL,
  path          TEXT NOT NULL,
  enrollment_id TEXT NOT NULL,
  PRIMARY KEY (tenant, path, enrollment_id)
);
CREATE INDEX document_enrollments_by_enrollment ON document_enrollments (tenant, enrollment_id);

-- Why the services refused an enrollment's documents, with the pointers of the form's fields.
CREATE TABLE enrollment_refusals (
  tenant        TEXT   NOT NULL,
  enrollment_id TEXT   NOT NULL,
  at            BIGINT NOT NULL,
  body          TEXT   NOT NULL,
  PRIMARY KEY (tenant, enrollment_id)
);

CREATE TABLE readiness_tests (
  tenant        TEXT   NOT NULL,
  enrollment_id TEXT   NOT NULL,
  at            BIGINT NOT NULL,
  body          TEXT   NOT NULL,
  PRIMARY KEY (tenant, enrollment_id, at)
);
