-- Times are milliseconds since 1970. Identity: an id is never given out twice, even after its row is gone. Ids, names and
-- addresses have the collation "C": they are compared byte for byte, and the order of an index is that of every machine.

-- Leases end by this clock, the same for every process that shares the store.
CREATE FUNCTION belfry.clock_ms() RETURNS BIGINT LANGUAGE sql VOLATILE
  RETURN (extract(epoch FROM clock_timestamp()) * 1000)::BIGINT;

CREATE TABLE belfry.users (
  id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  external_id TEXT   COLLATE "C" NOT NULL UNIQUE,
  created_at  BIGINT NOT NULL
);

CREATE TABLE belfry.devices (
  id               BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  public_id        TEXT    COLLATE "C" NOT NULL UNIQUE,
  user_id          BIGINT  NOT NULL REFERENCES belfry.users (id),
  session_id       TEXT,
  binding          TEXT    COLLATE "C" NOT NULL,
  secret_hash      BYTEA,
  endpoint         TEXT    COLLATE "C" NOT NULL,
  push_origin      TEXT    COLLATE "C" NOT NULL,
  p256dh           BYTEA   NOT NULL,
  auth             BYTEA   NOT NULL,
  vapid_public_key TEXT    COLLATE "C" NOT NULL,
  expiration_time  BIGINT,
  page_origin      TEXT,
  worker_scope     TEXT,
  time_zone        TEXT    COLLATE "C",
  lang             TEXT,
  state            TEXT    NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'gone')),
  -- Answers since the last accepted message that may be the subscription's fault, and when the first of them came.
  failures         INTEGER NOT NULL DEFAULT 0,
  failing_since    BIGINT,
  -- Since when a push service refuses the key that the device subscribed with: it has to subscribe again.
  key_mismatch_at  BIGINT,
  created_at       BIGINT  NOT NULL,
  updated_at       BIGINT  NOT NULL,
  gone_at          BIGINT
);
CREATE UNIQUE INDEX devices_live_endpoint ON belfry.devices (endpoint) WHERE state = 'live';
CREATE INDEX devices_gone_endpoint ON belfry.devices (endpoint) WHERE state = 'gone';
CREATE INDEX devices_user ON belfry.devices (user_id);
CREATE INDEX devices_fan_out ON belfry.devices (push_origin, id) WHERE state = 'live';
-- '' for devices without a time zone, so that one comparison finds either.
CREATE INDEX devices_zone ON belfry.devices (push_origin, (coalesce(time_zone, '')), id) WHERE state = 'live';
CREATE INDEX devices_gone ON belfry.devices (gone_at) WHERE state = 'gone';

CREATE TABLE belfry.topics (
  id   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name TEXT   COLLATE "C" NOT NULL UNIQUE
);
CREATE TABLE belfry.topic_users (
  topic_id  BIGINT NOT NULL REFERENCES belfry.topics (id),
  user_id   BIGINT NOT NULL REFERENCES belfry.users (id) ON DELETE CASCADE,
  joined_at BIGINT NOT NULL,
  PRIMARY KEY (topic_id, user_id)
);
CREATE INDEX topic_users_user ON belfry.topic_users (user_id);
CREATE TABLE belfry.topic_devices (
  topic_id  BIGINT NOT NULL REFERENCES belfry.topics (id),
  device_id BIGINT NOT NULL REFERENCES belfry.devices (id) ON DELETE CASCADE,
  joined_at BIGINT NOT NULL,
  PRIMARY KEY (topic_id, device_id)
);
CREATE INDEX topic_devices_device ON belfry.topic_devices (device_id);

CREATE TABLE belfry.messages (
  seq                BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id                 TEXT    COLLATE "C" NOT NULL UNIQUE,
  -- JSON of Audience, as text: JSONB refuses some of what a user id may hold.
  audience           TEXT    NOT NULL,
  -- The last device that was there when the message was made.
  last_device_id     BIGINT  NOT NULL,
  content            TEXT    NOT NULL,
  state              TEXT    NOT NULL
    CHECK (state IN ('scheduled', 'queued', 'fanning-out', 'paused', 'done', 'cancelled', 'expired')),
  -- What a paused message goes back to.
  resumes_to         TEXT,
  collapse_key       TEXT    COLLATE "C",
  devices_per_second DOUBLE PRECISION,
  created_at         BIGINT  NOT NULL,
  run_at             BIGINT  NOT NULL,
  ttl_ms             BIGINT  NOT NULL,
  expires_at         BIGINT,
  ended_at           BIGINT,
  -- How many devices a small audience had; null where nobody counted.
  devices            BIGINT
);
CREATE INDEX messages_to_plan ON belfry.messages (run_at) WHERE state IN ('scheduled', 'queued');
CREATE INDEX messages_ended ON belfry.messages (ended_at) WHERE ended_at IS NOT NULL;

-- No reference to messages: a key may outlive the message that it stands for.
CREATE TABLE belfry.idempotency_keys (
  key        TEXT   COLLATE "C" PRIMARY KEY,
  body_hash  BYTEA  NOT NULL,
  message_id TEXT   COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX idempotency_keys_age ON belfry.idempotency_keys (created_at);

-- No reference to devices: a ledger outlives the device that it tells of.
CREATE TABLE belfry.deliveries (
  seq        BIGINT  NOT NULL REFERENCES belfry.messages (seq) ON DELETE CASCADE,
  device_id  BIGINT  NOT NULL,
  binding    TEXT    COLLATE "C" NOT NULL,
  state      TEXT    NOT NULL,
  attempts   INTEGER NOT NULL DEFAULT 0,
  -- `retrying`: when it is tried again, by the callers' clocks. `sending`: when its lease ends, by clock_ms().
  run_at     BIGINT,
  -- The fencing token: how often the row was leased; and the store that has it now.
  lease      INTEGER NOT NULL DEFAULT 0,
  leased_by  TEXT    COLLATE "C",
  expires_at BIGINT  NOT NULL,
  updated_at BIGINT  NOT NULL,
  PRIMARY KEY (seq, device_id)
);
CREATE INDEX deliveries_due ON belfry.deliveries (state, run_at) WHERE state IN ('sending', 'retrying');
CREATE INDEX deliveries_device ON belfry.deliveries (device_id) WHERE state IN ('sending', 'retrying');
CREATE INDEX deliveries_open ON belfry.deliveries (seq) WHERE state IN ('sending', 'retrying');

-- A page moves cursor, counts and lease, none of which is in an index: with room on its page the row stays where it is.
CREATE TABLE belfry.chunks (
  id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  seq          BIGINT NOT NULL REFERENCES belfry.messages (seq) ON DELETE CASCADE,
  push_origin  TEXT   COLLATE "C" NOT NULL,
  -- 'Europe/Rome', '' for devices without one, null for devices of any.
  time_zone    TEXT   COLLATE "C",
  -- The last device that is done, and the last of the chunk.
  cursor       BIGINT NOT NULL,
  last_id      BIGINT NOT NULL,
  state        TEXT   NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'leased', 'done', 'expired')),
  run_at       BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL,
  -- The fencing token: how often the chunk was leased; and the store that has it, until then by clock_ms().
  token        BIGINT NOT NULL DEFAULT 0,
  leased_by    TEXT   COLLATE "C",
  leased_until BIGINT,
  -- How many devices ended how.
  counts       JSONB  NOT NULL DEFAULT '{}'
) WITH (fillfactor = 50);
CREATE INDEX chunks_open ON belfry.chunks (push_origin, seq, id) WHERE state IN ('pending', 'leased');
CREATE INDEX chunks_due ON belfry.chunks (run_at) WHERE state = 'pending';
CREATE INDEX chunks_expiring ON belfry.chunks (expires_at) WHERE state IN ('pending', 'leased');
CREATE INDEX chunks_message ON belfry.chunks (seq);

CREATE FUNCTION belfry.add_counts(one JSONB, other JSONB) RETURNS JSONB LANGUAGE sql IMMUTABLE
  RETURN (SELECT coalesce(jsonb_object_agg(state, devices), '{}') FROM (
    SELECT key AS state, sum(value::BIGINT) AS devices
    FROM (SELECT * FROM jsonb_each_text(one) UNION ALL SELECT * FROM jsonb_each_text(other)) AS counted GROUP BY key
  ) AS added);

CREATE TABLE belfry.vapid_keys (
  id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  public_key  TEXT   COLLATE "C" NOT NULL UNIQUE,
  private_key TEXT   NOT NULL,
  created_at  BIGINT NOT NULL
);
