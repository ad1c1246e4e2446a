-- Up to which entry a tenant's audit was removed after its retention: where what is left of the chain begins.
CREATE TABLE audit_cuts (
  tenant TEXT   NOT NULL PRIMARY KEY,
  seq    BIGINT NOT NULL,
  hash   TEXT   NOT NULL
);
