-- Billing runs over many meters, and one job for each meter. A job is leased while it is worked on; what a killed service held is taken up again.
CREATE TABLE billing_runs (
  tenant      TEXT   NOT NULL,
  run_id      TEXT   NOT NULL,
  request     TEXT   NOT NULL,
  state       TEXT   NOT NULL,
  created_at  BIGINT NOT NULL,
  finished_at BIGINT NULL,
  PRIMARY KEY (tenant, run_id)
);

CREATE TABLE billing_jobs (
  tenant      TEXT     NOT NULL,
  run_id      TEXT     NOT NULL,
  meter_id    TEXT     NOT NULL,
  state       TEXT     NOT NULL,
  owner       TEXT     NULL,
  lease_until BIGINT   NULL,
  tries       BIGINT   NOT NULL,
  problem     TEXT     NULL,
  currency    TEXT     NULL,
  total       TEXT     NULL,
  payable     TEXT     NULL,
  delta       TEXT     NULL,
  provisional BIGINT   NULL,
  data_hash   TEXT     NULL,
  bill        {{blob}} NULL,
  finished_at BIGINT   NULL,
  PRIMARY KEY (tenant, run_id, meter_id)
);
CREATE INDEX billing_jobs_by_state ON billing_jobs (state, lease_until);
