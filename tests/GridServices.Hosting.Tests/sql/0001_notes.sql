CREATE TABLE note (
    id {{identity}},
    author TEXT NOT NULL,
    written_at BIGINT NOT NULL,
    payload {{blob}} NULL
);
CREATE UNIQUE INDEX note_author ON note (author, id);
CREATE TABLE counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
