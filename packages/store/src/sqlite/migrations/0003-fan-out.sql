-- Broadcasts: a message row and a few chunk rows, never a row for each device.

DROP INDEX deliveries_unfinished;
DROP INDEX deliveries_device;
ALTER TABLE deliveries RENAME TO old_deliveries;
ALTER TABLE messages RENAME TO old_messages;

CREATE TABLE messages (
  seq                INTEGER PRIMARY KEY AUTOINCREMENT,
  id                 TEXT    NOT NULL UNIQUE,
  -- JSON of Audience; null for those of before, which were planned when they were made.
  audience           TEXT,
  -- The last device that was there when the message was made.
  last_device_id     INTEGER NOT NULL,
  content            TEXT    NOT NULL,
  state              TEXT    NOT NULL
    CHECK (state IN ('scheduled', 'queued', 'fanning-out', 'paused', 'done', 'cancelled', 'expired')),
  -- What a paused message goes back to.
  resumes_to         TEXT CHECK ((resumes_to IS NOT NULL) = (state = 'paused')),
  collapse_key       TEXT,
  devices_per_second REAL,
  created_at         INTEGER NOT NULL,
  run_at             INTEGER NOT NULL,
  ttl_ms             INTEGER NOT NULL,
  expires_at         INTEGER,
  ended_at           INTEGER,
  -- How many devices a small audience had; null where nobody counted.
  devices            INTEGER
) STRICT;

CREATE INDEX messages_to_plan ON messages (run_at) WHERE state IN ('scheduled', 'queued');
CREATE INDEX messages_ended ON messages (ended_at) WHERE ended_at IS NOT NULL;

-- No reference to messages: a key may outlive the message that it stands for.
CREATE TABLE idempotency_keys (
  key        TEXT    PRIMARY KEY,
  body_hash  BLOB    NOT NULL,
  message_id TEXT    NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- No reference to devices: a ledger outlives the device that it tells of.
CREATE TABLE deliveries (
  seq        INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
  device_id  INTEGER NOT NULL,
  binding    TEXT    NOT NULL,
  state      TEXT    NOT NULL,
  attempts   INTEGER NOT NULL DEFAULT 0,
  run_at     INTEGER,
  -- The fencing token: how often the row was leased.
  lease      INTEGER NOT NULL DEFAULT 0,
  expires_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (seq, device_id)
) STRICT, WITHOUT ROWID;
-- A query uses a partial index only if it repeats the index's condition word for word.
CREATE INDEX deliveries_due ON deliveries (run_at) WHERE state = 'retrying';
-- What a message still waits for, whatever its ledger holds.
CREATE INDEX deliveries_open ON deliveries (seq) WHERE state IN ('sending', 'retrying');
CREATE INDEX deliveries_device ON deliveries (device_id) WHERE state IN ('sending', 'retrying');

CREATE TABLE chunks (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  seq          INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
  push_origin  TEXT    NOT NULL,
  -- 'Europe/Rome', '' for devices without one, null for devices of any.
  time_zone    TEXT,
  -- The last device that is done, and the last of the chunk.
  cursor       INTEGER NOT NULL,
  last_id      INTEGER NOT NULL,
  state        TEXT    NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'leased', 'done', 'expired')),
  run_at       INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  -- The fencing token: how often the chunk was leased.
  token        INTEGER NOT NULL DEFAULT 0,
  -- JSON: how many devices ended how.
  counts       TEXT    NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX chunks_pending ON chunks (push_origin, seq, id, run_at) WHERE state = 'pending';
CREATE INDEX chunks_due ON chunks (run_at) WHERE state = 'pending';
CREATE INDEX chunks_expiring ON chunks (expires_at) WHERE state = 'pending';
CREATE INDEX chunks_message ON chunks (seq, state);

INSERT INTO messages (seq, id, audience, last_device_id, content, state, created_at, run_at, ttl_ms, expires_at, ended_at)
  SELECT seq, id, NULL, 0, content, iif(state = 'done', 'done', 'fanning-out'), created_at, created_at,
    max(expires_at - created_at, 0), expires_at, iif(state = 'done', expires_at, NULL)
  FROM old_messages;
INSERT INTO deliveries (seq, device_id, binding, state, attempts, run_at, expires_at, updated_at)
  SELECT o.seq, device_id, binding, o.state, attempts, o.run_at, m.expires_at, updated_at
  FROM old_deliveries o JOIN old_messages m ON m.seq = o.seq;
DROP TABLE old_deliveries;
DROP TABLE old_messages;

CREATE TABLE topics (
  id   INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT    NOT NULL UNIQUE
) STRICT;
CREATE TABLE topic_users (
  topic_id  INTEGER NOT NULL REFERENCES topics (id),
  user_id   INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  joined_at INTEGER NOT NULL,
  PRIMARY KEY (topic_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX topic_users_user ON topic_users (user_id);
CREATE TABLE topic_devices (
  topic_id  INTEGER NOT NULL REFERENCES topics (id),
  device_id INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  joined_at INTEGER NOT NULL,
  PRIMARY KEY (topic_id, device_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX topic_devices_device ON topic_devices (device_id);

-- Since when a push service refuses the key that the device subscribed with: it has to subscribe again.
ALTER TABLE devices ADD COLUMN key_mismatch_at INTEGER;

CREATE INDEX devices_fan_out ON devices (push_origin, id) WHERE state = 'live';
CREATE INDEX devices_zone ON devices (push_origin, time_zone, id) WHERE state = 'live';
CREATE INDEX devices_gone ON devices (gone_at) WHERE state = 'gone';
