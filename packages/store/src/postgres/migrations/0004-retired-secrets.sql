-- Hashes of device secrets that no device may have again: a former user of the browser may know them.

CREATE TABLE belfry.retired_secrets (
  secret_hash BYTEA  PRIMARY KEY,
  retired_at  BIGINT NOT NULL
);
CREATE INDEX retired_secrets_age ON belfry.retired_secrets (retired_at);

CREATE INDEX devices_secret ON belfry.devices (secret_hash) WHERE secret_hash IS NOT NULL;
