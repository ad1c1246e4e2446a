-- Sellers and buyers as invoices name them.
CREATE TABLE parties (
  tenant     TEXT   NOT NULL,
  party_id   TEXT   NOT NULL,
  content    TEXT   NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, party_id)
);

-- How a seller's documents are numbered, and how far each year is. A number is taken in the commit that stores its document: none is lost, none is used twice.
CREATE TABLE invoice_series (
  tenant     TEXT   NOT NULL,
  series_id  TEXT   NOT NULL,
  seller_id  TEXT   NOT NULL,
  content    TEXT   NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, series_id)
);
CREATE TABLE invoice_numbers (
  tenant    TEXT   NOT NULL,
  series_id TEXT   NOT NULL,
  year      BIGINT NOT NULL,
  last      BIGINT NOT NULL,
  PRIMARY KEY (tenant, series_id, year)
);

-- Documents: drafts, and what was issued. An issued document's content never changes; its hash says so.
CREATE TABLE invoices (
  tenant       TEXT   NOT NULL,
  invoice_id   TEXT   NOT NULL,
  chain_id     TEXT   NOT NULL,
  place        BIGINT NOT NULL,
  kind         TEXT   NOT NULL,
  number       TEXT   NULL,
  seller_id    TEXT   NOT NULL,
  buyer_id     TEXT   NOT NULL,
  series_id    TEXT   NOT NULL,
  run_id       TEXT   NOT NULL,
  meter_id     TEXT   NOT NULL,
  site_id      TEXT   NOT NULL,
  period_from  TEXT   NOT NULL,
  period_until TEXT   NOT NULL,
  issue_date   TEXT   NULL,
  due_date     TEXT   NULL,
  currency     TEXT   NOT NULL,
  payable      TEXT   NOT NULL,
  provisional  BIGINT NOT NULL,
  content      TEXT   NOT NULL,
  hash         TEXT   NOT NULL,
  created_at   BIGINT NOT NULL,
  PRIMARY KEY (tenant, invoice_id)
);
CREATE UNIQUE INDEX invoices_by_number ON invoices (tenant, seller_id, number);
CREATE UNIQUE INDEX invoices_by_chain ON invoices (tenant, chain_id, place);
CREATE INDEX invoices_by_meter ON invoices (tenant, meter_id, period_from);
