-- What was asked to be done to many sites at once: the order, and each step of it with what became of it.
CREATE TABLE site_actions (
  tenant       TEXT   NOT NULL,
  id           TEXT   NOT NULL,
  action       TEXT   NOT NULL,
  mark         TEXT   NOT NULL,
  dry_run      BIGINT NOT NULL,
  needs_second BIGINT NOT NULL,
  state        TEXT   NOT NULL,
  sites        BIGINT NOT NULL,
  steps        BIGINT NOT NULL,
  done         BIGINT NOT NULL,
  waiting      BIGINT NOT NULL,
  refused      BIGINT NOT NULL,
  created_by   TEXT   NOT NULL,
  created_at   BIGINT NOT NULL,
  started_at   BIGINT NULL,
  ended_at     BIGINT NULL,
  body         TEXT   NOT NULL,
  PRIMARY KEY (tenant, id)
);

CREATE TABLE site_action_rows (
  tenant        TEXT   NOT NULL,
  action_id     TEXT   NOT NULL,
  number        BIGINT NOT NULL,
  site_id       TEXT   NOT NULL,
  event_id      TEXT   NULL,
  enrollment_id TEXT   NULL,
  status        TEXT   NOT NULL,
  code          TEXT   NULL,
  message       TEXT   NOT NULL,
  PRIMARY KEY (tenant, action_id, number)
);
CREATE INDEX site_action_rows_by_status ON site_action_rows (tenant, action_id, status, number);
