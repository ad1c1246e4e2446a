-- What people wrote to the contacts of an event.
CREATE TABLE contact_messages (
  tenant   TEXT   NOT NULL,
  id       TEXT   NOT NULL,
  event_id TEXT   NOT NULL,
  at       BIGINT NOT NULL,
  body     TEXT   NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX contact_messages_by_event ON contact_messages (tenant, event_id, id);

-- Who was told of an event.
CREATE INDEX notifications_by_subject ON notifications (tenant, subject, id);
