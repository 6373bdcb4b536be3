-- What workers report of messages. No reference to devices: a message's receipts outlive the devices that sent them.

CREATE TABLE belfry.receipts (
  seq       BIGINT NOT NULL REFERENCES belfry.messages (seq) ON DELETE CASCADE,
  device_id BIGINT NOT NULL,
  kind      TEXT   COLLATE "C" NOT NULL CHECK (kind IN ('received', 'shown', 'clicked', 'closed')),
  -- The button that was clicked.
  action    TEXT,
  -- By the device's clock.
  at        BIGINT NOT NULL,
  PRIMARY KEY (seq, device_id, kind)
);

-- When the first message was accepted that the device should have reported and did not.
ALTER TABLE belfry.devices ADD COLUMN silent_since BIGINT;

-- It is in an index from now on, whose order is to be that of every machine.
ALTER TABLE belfry.devices ALTER COLUMN session_id TYPE TEXT COLLATE "C";
CREATE INDEX devices_session ON belfry.devices (session_id) WHERE session_id IS NOT NULL;

-- Not only keys are refused: so is an endpoint that was gone, and that its browser goes on with.
ALTER TABLE belfry.devices RENAME COLUMN key_mismatch_at TO refused_at;
