-- Every row has its tenant first. Columns named *_sealed are AES-GCM, see ColumnProtector; the others of a row repeat what the body says, to filter and sort by.
CREATE TABLE protection_check (
  one   BIGINT NOT NULL PRIMARY KEY,
  value TEXT   NOT NULL
);

-- One row per tenant: its lock for writes, and the end of its audit chain.
CREATE TABLE tenant_heads (
  tenant     TEXT   NOT NULL PRIMARY KEY,
  audit_seq  BIGINT NOT NULL,
  audit_hash TEXT   NOT NULL
);

CREATE TABLE audit (
  tenant     TEXT   NOT NULL,
  seq        BIGINT NOT NULL,
  at         BIGINT NOT NULL,
  actor      TEXT   NOT NULL,
  action     TEXT   NOT NULL,
  entity     TEXT   NOT NULL,
  entity_id  TEXT   NOT NULL,
  site_id    TEXT   NULL,
  body       TEXT   NOT NULL,
  hash       TEXT   NOT NULL,
  PRIMARY KEY (tenant, seq)
);
CREATE INDEX audit_by_entity ON audit (tenant, entity, entity_id, seq);
CREATE INDEX audit_by_site ON audit (tenant, site_id, seq);

CREATE TABLE customers (
  tenant               TEXT   NOT NULL,
  id                   TEXT   NOT NULL,
  version              BIGINT NOT NULL,
  updated_at           BIGINT NOT NULL,
  body                 TEXT   NOT NULL,
  name                 TEXT   NOT NULL,
  country              TEXT   NOT NULL,
  tax_id_sealed        TEXT   NULL,
  billing_email_sealed TEXT   NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX customers_by_name ON customers (tenant, name, id);

CREATE TABLE contacts (
  tenant       TEXT   NOT NULL,
  id           TEXT   NOT NULL,
  version      BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  body         TEXT   NOT NULL,
  customer_id  TEXT   NOT NULL,
  site_id      TEXT   NULL,
  role         TEXT   NOT NULL,
  email_index  TEXT   NULL,
  name_sealed  TEXT   NULL,
  email_sealed TEXT   NULL,
  phone_sealed TEXT   NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX contacts_by_customer ON contacts (tenant, customer_id, id);

CREATE TABLE sites (
  tenant      TEXT   NOT NULL,
  id          TEXT   NOT NULL,
  version     BIGINT NOT NULL,
  updated_at  BIGINT NOT NULL,
  body        TEXT   NOT NULL,
  site_id     TEXT   NOT NULL,
  customer_id TEXT   NOT NULL,
  name        TEXT   NOT NULL,
  country     TEXT   NOT NULL,
  time_zone   TEXT   NOT NULL,
  tags        TEXT   NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX sites_by_site_id ON sites (tenant, site_id);
CREATE INDEX sites_by_name ON sites (tenant, name, id);
CREATE INDEX sites_by_customer ON sites (tenant, customer_id, id);

CREATE TABLE meter_points (
  tenant            TEXT   NOT NULL,
  id                TEXT   NOT NULL,
  version           BIGINT NOT NULL,
  updated_at        BIGINT NOT NULL,
  body              TEXT   NOT NULL,
  site_id           TEXT   NOT NULL,
  kind              TEXT   NOT NULL,
  scheme            TEXT   NOT NULL,
  identifier_index  TEXT   NOT NULL,
  meter_no          TEXT   NULL,
  identifier_sealed TEXT   NULL,
  account_no_sealed TEXT   NULL,
  PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX meter_points_by_identifier ON meter_points (tenant, scheme, identifier_index);
CREATE INDEX meter_points_by_site ON meter_points (tenant, site_id, id);

CREATE TABLE assets (
  tenant     TEXT   NOT NULL,
  id         TEXT   NOT NULL,
  version    BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  body       TEXT   NOT NULL,
  site_id    TEXT   NOT NULL,
  kind       TEXT   NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX assets_by_site ON assets (tenant, site_id, id);

-- What was answered to a caller's Idempotency-Key, kept in the commit that did the work.
CREATE TABLE idempotency_keys (
  tenant          TEXT   NOT NULL,
  path            TEXT   NOT NULL,
  idempotency_key TEXT   NOT NULL,
  sha256          TEXT   NOT NULL,
  status          BIGINT NULL,
  location        TEXT   NULL,
  answer          TEXT   NULL,
  created_at      BIGINT NOT NULL,
  PRIMARY KEY (tenant, path, idempotency_key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE tenant_settings (
  tenant     TEXT   NOT NULL PRIMARY KEY,
  body       TEXT   NOT NULL,
  updated_at BIGINT NOT NULL
);
