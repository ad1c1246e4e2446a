-- How the submission of a decided plan stands; the plan itself never changes.
CREATE TABLE submissions (
  tenant      TEXT   NOT NULL,
  contract_id TEXT   NOT NULL,
  starts_at   BIGINT NOT NULL,
  record      TEXT   NOT NULL,
  next_at     BIGINT NULL,
  PRIMARY KEY (tenant, contract_id, starts_at)
);
