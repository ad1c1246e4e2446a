-- People who sign in at the console. Logins are unique over all tenants: the sign-in form asks for no tenant.
CREATE TABLE users (
  tenant           TEXT   NOT NULL,
  id               TEXT   NOT NULL,
  version          BIGINT NOT NULL,
  login            TEXT   NOT NULL,
  body             TEXT   NOT NULL,
  password_hash    TEXT   NULL,
  totp_sealed      TEXT   NULL,
  totp_step        BIGINT NOT NULL,
  external_issuer  TEXT   NULL,
  external_subject TEXT   NULL,
  failures         BIGINT NOT NULL,
  locked_until     BIGINT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX users_by_login ON users (login);
CREATE UNIQUE INDEX users_by_subject ON users (external_issuer, external_subject);

-- The id is kept as its SHA-256: who reads the store can't take over a session.
CREATE TABLE user_sessions (
  id_sha256  TEXT   NOT NULL PRIMARY KEY,
  tenant     TEXT   NOT NULL,
  user_id    TEXT   NOT NULL,
  method     TEXT   NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX user_sessions_by_user ON user_sessions (tenant, user_id);
CREATE INDEX user_sessions_by_end ON user_sessions (expires_at);

-- The framework's keys for cookies and form tokens, encrypted with the service's own.
CREATE TABLE cookie_keys (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);
