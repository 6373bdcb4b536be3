-- Times are milliseconds since 1970. AUTOINCREMENT: an id is never given out twice, even after its row is gone.

CREATE TABLE users (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  external_id TEXT    NOT NULL UNIQUE,
  created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE devices (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id        TEXT    NOT NULL UNIQUE,
  user_id          INTEGER NOT NULL REFERENCES users (id),
  session_id       TEXT,
  binding          TEXT    NOT NULL,
  secret_hash      BLOB,
  endpoint         TEXT    NOT NULL,
  push_origin      TEXT    NOT NULL,
  p256dh           BLOB    NOT NULL,
  auth             BLOB    NOT NULL,
  vapid_public_key TEXT    NOT NULL,
  expiration_time  INTEGER,
  page_origin      TEXT,
  worker_scope     TEXT,
  time_zone        TEXT,
  lang             TEXT,
  state            TEXT    NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'gone')),
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL,
  gone_at          INTEGER
) STRICT;

CREATE UNIQUE INDEX devices_live_endpoint ON devices (endpoint) WHERE state = 'live';
CREATE INDEX devices_gone_endpoint ON devices (endpoint) WHERE state = 'gone';
CREATE INDEX devices_user ON devices (user_id);

CREATE TABLE messages (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  id         TEXT    NOT NULL UNIQUE,
  user_id    INTEGER REFERENCES users (id),
  content    TEXT    NOT NULL,
  state      TEXT    NOT NULL CHECK (state IN ('sending', 'done')),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

-- No reference to devices: a ledger outlives the device that it tells of.
CREATE TABLE deliveries (
  seq        INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
  device_id  INTEGER NOT NULL,
  binding    TEXT    NOT NULL,
  state      TEXT    NOT NULL,
  attempts   INTEGER NOT NULL DEFAULT 0,
  run_at     INTEGER,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (seq, device_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX deliveries_unfinished ON deliveries (state, run_at) WHERE state IN ('sending', 'retrying');
CREATE INDEX deliveries_device ON deliveries (device_id) WHERE state IN ('sending', 'retrying');

CREATE TABLE vapid_keys (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  public_key  TEXT    NOT NULL UNIQUE,
  private_key TEXT    NOT NULL,
  created_at  INTEGER NOT NULL
) STRICT;
