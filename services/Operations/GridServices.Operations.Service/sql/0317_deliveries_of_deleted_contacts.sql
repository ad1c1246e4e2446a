-- Whose contact it was that is deleted: what it was told is still the customer's to have and to have erased. Null: the contact is there, or went before this was kept.
ALTER TABLE notifications ADD COLUMN customer_id TEXT NULL;
CREATE INDEX notifications_by_customer ON notifications (tenant, customer_id);
CREATE INDEX notifications_by_recipient ON notifications (tenant, recipient_id);
