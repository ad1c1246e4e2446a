-- Versions put that a second person has yet to approve: nothing bills, quotes or calculates by them.
CREATE TABLE held_tariffs (
  tenant    TEXT   NOT NULL,
  tariff_id TEXT   NOT NULL,
  version   TEXT   NOT NULL,
  kind      TEXT   NOT NULL,
  hash      TEXT   NOT NULL,
  content   TEXT   NOT NULL,
  replaces  TEXT,
  author    TEXT   NOT NULL,
  put_at    BIGINT NOT NULL,
  PRIMARY KEY (tenant, tariff_id, version)
);

-- Who changed what of the tariffs, in order; never changed itself.
CREATE TABLE tariff_changes (
  tenant    TEXT   NOT NULL,
  tariff_id TEXT   NOT NULL,
  change_id TEXT   NOT NULL,
  version   TEXT,
  what      TEXT   NOT NULL,
  hash      TEXT,
  replaced  TEXT,
  author    TEXT,
  by_token  TEXT   NOT NULL,
  reason    TEXT,
  at        BIGINT NOT NULL,
  PRIMARY KEY (tenant, tariff_id, change_id)
);
