import { FILE_MARK_SCHEMA } from './file-mark.ts';
import { GCM_SCHEMA } from './gcm-schema.ts';
import { SCRIPTED_SCHEMA } from './scripted-schema.ts';

/**
 * The steps that make the tables, from an empty database on: `user_version` counts those that were taken. A step that was
 * released is never changed; a new one goes last.
 */
export const MIGRATIONS: readonly string[] = [
  // A user agent has no row of its own: it is known for as long as one of its channels is live, which is as long as
  // Firefox remembers its uaid. Unregistered channels stay, so that their endpoints answer 410 and not 404.
  `
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
  `,
  // A receipt is there from the push that asked for it until it was delivered to its sender. It has a status (204 or
  // 410) once its message has ended, and the message is gone by then: hence no foreign key.
  `
  CREATE TABLE receipt_subscriptions (
    token TEXT NOT NULL PRIMARY KEY,
    used_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX receipt_subscriptions_by_use ON receipt_subscriptions (used_at);

  CREATE TABLE receipts (
    sequence INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE,
    subscription TEXT NOT NULL REFERENCES receipt_subscriptions (token) ON DELETE CASCADE,
    status INTEGER
  ) STRICT;
  CREATE INDEX receipts_by_subscription ON receipts (subscription, status);
  `,
  GCM_SCHEMA,
  SCRIPTED_SCHEMA,
  FILE_MARK_SCHEMA,
];
