-- What workers report of messages. No reference to devices: a message's receipts outlive the devices that sent them.

CREATE TABLE receipts (
  seq       INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
  device_id INTEGER NOT NULL,
  kind      TEXT    NOT NULL CHECK (kind IN ('received', 'shown', 'clicked', 'closed')),
  -- The button that was clicked.
  action    TEXT,
  -- By the device's clock.
  at        INTEGER NOT NULL,
  PRIMARY KEY (seq, device_id, kind)
) STRICT, WITHOUT ROWID;

-- When the first message was accepted that the device should have reported and did not.
ALTER TABLE devices ADD COLUMN silent_since INTEGER;

CREATE INDEX devices_session ON devices (session_id) WHERE session_id IS NOT NULL;

-- Not only keys are refused: so is an endpoint that was gone, and that its browser goes on with.
ALTER TABLE devices RENAME COLUMN key_mismatch_at TO refused_at;
