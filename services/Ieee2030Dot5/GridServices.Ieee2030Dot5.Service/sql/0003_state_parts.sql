-- A client's EndDevices and resources each in a row of its own, so that a message writes what it changes, however many there are.
CREATE TABLE client_state_parts (
  tenant     TEXT   NOT NULL,
  client_key TEXT   NOT NULL,
  part       TEXT   NOT NULL,
  state      TEXT   NOT NULL,
  PRIMARY KEY (tenant, client_key, part)
);

-- 1: the state is the rest beside its parts. 0: as written before, whole.
ALTER TABLE client_states ADD COLUMN is_in_parts BIGINT NOT NULL DEFAULT 0;
