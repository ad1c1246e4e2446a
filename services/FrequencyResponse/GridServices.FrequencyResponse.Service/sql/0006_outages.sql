-- Outages and de-ratings that an operator declared, the cancelled ones, too: what was not paid must be explained later.
CREATE TABLE outages (
  tenant      TEXT   NOT NULL,
  contract_id TEXT   NOT NULL,
  outage_id   TEXT   NOT NULL,
  record      TEXT   NOT NULL,
  until_at    BIGINT NOT NULL,
  updated_at  BIGINT NOT NULL,
  PRIMARY KEY (tenant, contract_id, outage_id)
);

CREATE INDEX outages_until ON outages (until_at);
