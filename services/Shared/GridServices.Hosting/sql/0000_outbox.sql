CREATE TABLE outbox (
    id {{identity}},
    site_id TEXT NOT NULL,
    body {{blob}} NOT NULL,
    added_at BIGINT NOT NULL,
    parked_at BIGINT NULL,
    problem TEXT NULL
);

CREATE INDEX outbox_parked ON outbox (parked_at) WHERE parked_at IS NOT NULL;
