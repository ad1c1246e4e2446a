-- Filters of lists, each a person's own.
CREATE TABLE saved_filters (
  tenant  TEXT NOT NULL,
  user_id TEXT NOT NULL,
  page    TEXT NOT NULL,
  name    TEXT NOT NULL,
  query   TEXT NOT NULL,
  PRIMARY KEY (tenant, user_id, page, name)
);
