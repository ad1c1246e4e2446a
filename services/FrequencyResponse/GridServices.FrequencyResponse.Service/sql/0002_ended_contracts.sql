-- Contracts that were deleted: their records stay readable, and whose they were must stay known.
CREATE TABLE ended_contracts (
  tenant      TEXT   NOT NULL,
  contract_id TEXT   NOT NULL,
  config      TEXT   NOT NULL,
  ended_at    BIGINT NOT NULL,
  PRIMARY KEY (tenant, contract_id)
);
