-- What others stated for a site last: it holds over a restart until the hub is heard.
CREATE TABLE site_limits (
  tenant     TEXT   NOT NULL,
  site_id    TEXT   NOT NULL,
  held       TEXT   NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, site_id)
);

-- What a settlement period's factor is made of, so that it goes on over a restart; absent in records of before.
ALTER TABLE periods ADD COLUMN score TEXT NULL;
