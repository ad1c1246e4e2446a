-- A run looks for what the meter's earlier bills left.
CREATE INDEX billing_jobs_by_meter ON billing_jobs (tenant, meter_id, finished_at);
