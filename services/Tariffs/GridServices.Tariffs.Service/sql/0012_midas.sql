-- How fetching of each signal of MIDAS goes, as JSON.
CREATE TABLE midas_signals (
  kind    TEXT NOT NULL,
  name    TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (kind, name)
);
