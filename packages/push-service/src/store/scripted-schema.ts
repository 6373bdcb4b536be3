/** Of the subscriptions that the service itself receives for: what a user agent would keep to itself. */
export const SCRIPTED_SCHEMA = `
  CREATE TABLE scripted_subscriptions (
    token TEXT NOT NULL PRIMARY KEY REFERENCES channels (token),
    private_key BLOB NOT NULL,
    auth BLOB NOT NULL,
    persona TEXT NOT NULL
  ) STRICT;
`;
