-- The commits that each start of the hub made. Between two starts numbers are left out, so that those of a run that was put back away are known nowhere else.
CREATE TABLE hub_run (first_commit BIGINT PRIMARY KEY, last_commit BIGINT NULL);
