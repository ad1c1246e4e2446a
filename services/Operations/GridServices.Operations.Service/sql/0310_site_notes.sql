-- What people note about a site, for one another.
CREATE TABLE site_notes (
  tenant  TEXT   NOT NULL,
  id      TEXT   NOT NULL,
  site_id TEXT   NOT NULL,
  at      BIGINT NOT NULL,
  author  TEXT   NOT NULL,
  text    TEXT   NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX site_notes_by_site ON site_notes (tenant, site_id, id);
