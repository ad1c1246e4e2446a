-- Where the limited reservoir of a contract stands after an alert state: its deadline outlives the process.
CREATE TABLE reservoirs (
  tenant      TEXT   NOT NULL,
  contract_id TEXT   NOT NULL,
  record      TEXT   NOT NULL,
  updated_at  BIGINT NOT NULL,
  PRIMARY KEY (tenant, contract_id)
);
