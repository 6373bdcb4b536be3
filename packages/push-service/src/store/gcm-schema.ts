/**
 * What the service knows of Chromium beyond what a Firefox has too: who checked in (`uaid` is that profile's name in
 * `channels`, and never told to anyone), and how a channel is named in the messages for it. A name stays when its channel
 * is retired, as the channel does.
 */
export const GCM_SCHEMA = `
  CREATE TABLE gcm_devices (
    android_id TEXT NOT NULL PRIMARY KEY,
    security_token TEXT NOT NULL,
    uaid TEXT NOT NULL
  ) STRICT;

  CREATE TABLE gcm_registrations (
    channel_id TEXT NOT NULL PRIMARY KEY,
    app TEXT NOT NULL,
    subtype TEXT NOT NULL
  ) STRICT;
`;
