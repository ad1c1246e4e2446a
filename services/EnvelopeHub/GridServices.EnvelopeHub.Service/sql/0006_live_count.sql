-- How many keys are live at the site, tombstones included: a row of "live" that is gone is known as missing. -1: written before, not known.
ALTER TABLE site ADD COLUMN live_count BIGINT NOT NULL DEFAULT -1;
UPDATE site SET live_count = (SELECT COUNT(*) FROM live l WHERE l.site_id = site.id);
