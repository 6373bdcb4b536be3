/** Version of the tables below, kept in the database's `user_version`. */
export const SCHEMA_VERSION = 1;

/**
 * A user agent has no row of its own: it is known for as long as one of its channels is live, which is as long as
 * Firefox remembers its uaid. Unregistered channels stay, so that their endpoints answer 410 and not 404.
 */
export const SCHEMA = `
  CREATE TABLE channels (
    token TEXT NOT NULL PRIMARY KEY,
    uaid TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    vapid_key TEXT,
    live INTEGER NOT NULL DEFAULT 1
  ) STRICT;
  CREATE UNIQUE INDEX live_channels ON channels (channel_id) WHERE live = 1;
  CREATE INDEX live_channels_by_agent ON channels (uaid) WHERE live = 1;

  CREATE TABLE messages (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    token TEXT NOT NULL REFERENCES channels (token),
    topic TEXT,
    urgency TEXT NOT NULL,
    body BLOB NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX messages_by_topic ON messages (token, topic);
  CREATE INDEX messages_by_expiry ON messages (expires_at);
`;
