-- The sessions that ended lately: a request that came before gets no device, at whichever process it came.
CREATE TABLE belfry.ended_sessions (
  session_id TEXT PRIMARY KEY,
  ended_at BIGINT NOT NULL
);
CREATE INDEX ended_sessions_ended ON belfry.ended_sessions (ended_at);
