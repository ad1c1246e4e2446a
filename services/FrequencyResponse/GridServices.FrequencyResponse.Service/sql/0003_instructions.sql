-- What the grid operator instructed: each with what it was answered and what is done for it. Written before it is answered.
CREATE TABLE instructions (
  tenant         TEXT   NOT NULL,
  contract_id    TEXT   NOT NULL,
  instruction_id TEXT   NOT NULL,
  record         TEXT   NOT NULL,
  received_at    BIGINT NOT NULL,
  finishes_at    BIGINT NOT NULL,
  updated_at     BIGINT NOT NULL,
  PRIMARY KEY (tenant, contract_id, instruction_id)
);

CREATE INDEX instructions_finishes ON instructions (finishes_at);
