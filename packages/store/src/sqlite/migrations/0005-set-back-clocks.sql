-- When a row that waits was put off, by the clock that its run_at was counted with. Null: it waits for a time of day.
ALTER TABLE deliveries ADD COLUMN held_at INTEGER;
ALTER TABLE chunks ADD COLUMN held_at INTEGER;
UPDATE deliveries SET held_at = updated_at WHERE state = 'retrying' AND attempts > 0;

-- They find what was written before the clock was set back: almost always nothing.
CREATE INDEX deliveries_held ON deliveries (held_at) WHERE state = 'retrying';
CREATE INDEX chunks_held ON chunks (held_at) WHERE state = 'pending';
CREATE INDEX messages_waiting ON messages (created_at) WHERE state IN ('scheduled', 'queued');

-- Newer messages with the collapse key of an older one.
CREATE INDEX messages_collapsing ON messages (collapse_key, seq) WHERE collapse_key IS NOT NULL;

-- One row: the last time that this store has seen, and the last that it trusts.
CREATE TABLE clock (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  seen_at    INTEGER NOT NULL,
  trusted_at INTEGER NOT NULL
) STRICT;
CREATE INDEX devices_failing ON devices (failing_since) WHERE failing_since IS NOT NULL;
