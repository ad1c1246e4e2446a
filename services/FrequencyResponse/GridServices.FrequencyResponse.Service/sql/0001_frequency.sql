CREATE TABLE assets (
  tenant     TEXT   NOT NULL,
  asset_id   TEXT   NOT NULL,
  config     TEXT   NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, asset_id)
);

CREATE TABLE sources (
  tenant     TEXT   NOT NULL,
  source_id  TEXT   NOT NULL,
  config     TEXT   NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, source_id)
);

CREATE TABLE contracts (
  tenant      TEXT   NOT NULL,
  contract_id TEXT   NOT NULL,
  config      TEXT   NOT NULL,
  created_at  BIGINT NOT NULL,
  updated_at  BIGINT NOT NULL,
  PRIMARY KEY (tenant, contract_id)
);

-- What the controller of a pool must find again: latches, timers, energy. A pool is named by the first of its assets.
CREATE TABLE pool_states (
  tenant     TEXT   NOT NULL,
  pool       TEXT   NOT NULL,
  layout     TEXT   NOT NULL,
  state      {{blob}} NOT NULL,
  nanos      BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, pool)
);

-- What was told to the hub. Outlives the contract: revisions must never be counted from the start again.
CREATE TABLE contract_states (
  tenant      TEXT   NOT NULL,
  contract_id TEXT   NOT NULL,
  state       TEXT   NOT NULL,
  updated_at  BIGINT NOT NULL,
  PRIMARY KEY (tenant, contract_id)
);

CREATE TABLE activations (
  tenant      TEXT   NOT NULL,
  contract_id TEXT   NOT NULL,
  started_at  BIGINT NOT NULL,
  ended_at    BIGINT NULL,
  record      TEXT   NOT NULL,
  PRIMARY KEY (tenant, contract_id, started_at)
);

-- One row per contract and settlement period: availability, performance, energy.
CREATE TABLE periods (
  tenant      TEXT   NOT NULL,
  contract_id TEXT   NOT NULL,
  starts_at   BIGINT NOT NULL,
  closed      BIGINT NOT NULL,
  record      TEXT   NOT NULL,
  PRIMARY KEY (tenant, contract_id, starts_at)
);

-- The right to command the assets of a tenant: a higher token fences off the holder before.
CREATE TABLE leases (
  tenant   TEXT   NOT NULL PRIMARY KEY,
  token    BIGINT NOT NULL,
  holder   TEXT   NOT NULL,
  until_at BIGINT NOT NULL
);

-- Where reading of the hub's feedback stands.
CREATE TABLE feedback_cursors (
  hub        TEXT   NOT NULL PRIMARY KEY,
  cursor     TEXT   NOT NULL,
  updated_at BIGINT NOT NULL
);
