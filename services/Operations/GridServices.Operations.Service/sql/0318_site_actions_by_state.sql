-- Each minute those are asked for that are not over.
CREATE INDEX site_actions_by_state ON site_actions (state, id);
