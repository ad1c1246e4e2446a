-- Templates that people uploaded; those of the repository are in the program.
CREATE TABLE programs (
  tenant     TEXT   NOT NULL,
  code       TEXT   NOT NULL,
  version    BIGINT NOT NULL,
  body       TEXT   NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, code, version)
);

CREATE TABLE enrollments (
  tenant       TEXT   NOT NULL,
  id           TEXT   NOT NULL,
  version      BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  body         TEXT   NOT NULL,
  site_id      TEXT   NOT NULL,
  program      TEXT   NOT NULL,
  state        TEXT   NOT NULL,
  attention    TEXT   NOT NULL,
  period_from  TEXT   NOT NULL,
  period_until TEXT   NULL,
  ven_key      TEXT   NULL,
  client_key   TEXT   NULL,
  due_at       BIGINT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX enrollments_by_site ON enrollments (tenant, site_id, id);
CREATE INDEX enrollments_by_program ON enrollments (tenant, program, id);
CREATE INDEX enrollments_by_ven ON enrollments (tenant, ven_key);
CREATE INDEX enrollments_by_client ON enrollments (tenant, client_key);
CREATE INDEX enrollments_by_state ON enrollments (tenant, state, id);

CREATE TABLE enrollment_documents (
  tenant        TEXT   NOT NULL,
  enrollment_id TEXT   NOT NULL,
  sha256        TEXT   NOT NULL,
  content       {{blob}} NOT NULL,
  PRIMARY KEY (tenant, enrollment_id, sha256)
);

CREATE TABLE nominations (
  tenant          TEXT   NOT NULL,
  id              TEXT   NOT NULL,
  version         BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL,
  body            TEXT   NOT NULL,
  enrollment_id   TEXT   NOT NULL,
  delivery_period TEXT   NOT NULL,
  state           TEXT   NOT NULL,
  deadline        BIGINT NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX nominations_by_period ON nominations (tenant, enrollment_id, delivery_period);

CREATE TABLE certificates (
  tenant     TEXT   NOT NULL,
  id         TEXT   NOT NULL,
  version    BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  body       TEXT   NOT NULL,
  kind       TEXT   NOT NULL,
  state      TEXT   NOT NULL,
  lfdi       TEXT   NULL,
  not_after  BIGINT NULL,
  PRIMARY KEY (tenant, id)
);

CREATE TABLE opt_plans (
  tenant        TEXT   NOT NULL,
  id            TEXT   NOT NULL,
  version       BIGINT NOT NULL,
  updated_at    BIGINT NOT NULL,
  body          TEXT   NOT NULL,
  site_id       TEXT   NULL,
  enrollment_id TEXT   NULL,
  from_at       BIGINT NOT NULL,
  until_at      BIGINT NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX opt_plans_by_until ON opt_plans (tenant, until_at);
