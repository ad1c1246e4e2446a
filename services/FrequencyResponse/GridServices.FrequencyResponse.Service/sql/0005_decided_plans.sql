-- What was planned for a settlement period when its gate came: written once, never changed.
CREATE TABLE decided_plans (
  tenant      TEXT   NOT NULL,
  contract_id TEXT   NOT NULL,
  starts_at   BIGINT NOT NULL,
  record      TEXT   NOT NULL,
  decided_at  BIGINT NOT NULL,
  PRIMARY KEY (tenant, contract_id, starts_at)
);

CREATE INDEX decided_plans_starts ON decided_plans (starts_at);
