-- Hashes of device secrets that no device may have again: a former user of the browser may know them.

CREATE TABLE retired_secrets (
  secret_hash BLOB    PRIMARY KEY,
  retired_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX retired_secrets_age ON retired_secrets (retired_at);

CREATE INDEX devices_secret ON devices (secret_hash) WHERE secret_hash IS NOT NULL;
