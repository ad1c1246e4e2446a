-- Which start of a VEN may write, where several machines share the VENs: a number that has been exceeded writes nothing any more. Empty on one machine.
CREATE TABLE engine_fences (
  tenant     TEXT   NOT NULL,
  engine_key TEXT   NOT NULL,
  fence      BIGINT NOT NULL,
  PRIMARY KEY (tenant, engine_key)
);
