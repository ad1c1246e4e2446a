-- Sites and claims of every engine, for cluster mode, where no process knows them all. Empty on one machine.
CREATE TABLE engine_index (
  tenant     TEXT   NOT NULL,
  engine_key TEXT   NOT NULL,
  kind       TEXT   NOT NULL,
  what       TEXT   NOT NULL,
  PRIMARY KEY (tenant, engine_key, kind, what)
);
CREATE INDEX engine_index_what ON engine_index (kind, what);
