-- Cluster mode; empty otherwise. The runs of instances of this service that work together, each with its sign of life by the database's clock.
CREATE TABLE cluster_nodes (
  sessions   TEXT   NOT NULL PRIMARY KEY,
  node       TEXT   NOT NULL,
  silo       TEXT   NOT NULL,
  url        TEXT   NOT NULL,
  version    TEXT   NOT NULL,
  keys       BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  beat_at    BIGINT NOT NULL,
  ended_at   BIGINT NULL
);

-- Which run of which instance took which key last, and under which number; released: it was ended there in order.
CREATE TABLE cluster_placements (
  tenant   TEXT   NOT NULL,
  work_key TEXT   NOT NULL,
  fence    BIGINT NOT NULL,
  node     TEXT   NOT NULL,
  sessions TEXT   NOT NULL,
  since    BIGINT NOT NULL,
  released BIGINT NULL,
  PRIMARY KEY (tenant, work_key)
);

-- Work that one instance took over from another one, for people.
CREATE TABLE cluster_takeovers (
  id        {{identity}},
  at        BIGINT NOT NULL,
  from_node TEXT   NOT NULL,
  to_node   TEXT   NOT NULL,
  keys      BIGINT NOT NULL,
  millis    BIGINT NULL
);

-- Orleans' membership of the instances: see PostgreSqlMembershipTable.
CREATE TABLE cluster_members (
  silo       TEXT   NOT NULL PRIMARY KEY,
  etag       BIGINT NOT NULL,
  status     BIGINT NOT NULL,
  silo_name  TEXT   NOT NULL,
  host_name  TEXT   NOT NULL,
  proxy_port BIGINT NOT NULL,
  suspects   TEXT   NOT NULL,
  started_at BIGINT NOT NULL,
  alive_at   BIGINT NOT NULL
);
CREATE TABLE cluster_version (
  one     BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
  version BIGINT NOT NULL
);
