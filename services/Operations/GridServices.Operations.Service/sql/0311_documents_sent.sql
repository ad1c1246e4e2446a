-- What is being sent to a service and has not been answered: the document of a PUT, or "delete"; kept before it is sent, so that what a lost answer left there is known as our own.
ALTER TABLE service_documents ADD COLUMN sent TEXT NULL;
