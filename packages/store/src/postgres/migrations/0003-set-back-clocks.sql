-- When a row that waits was put off, by the clock that its run_at was counted with. Null: it waits for a time of day.
ALTER TABLE belfry.deliveries ADD COLUMN held_at BIGINT;
ALTER TABLE belfry.chunks ADD COLUMN held_at BIGINT;
UPDATE belfry.deliveries SET held_at = updated_at WHERE state = 'retrying' AND attempts > 0;

-- They find what was written before the clock was set back: almost always nothing.
CREATE INDEX deliveries_held ON belfry.deliveries (held_at) WHERE state = 'retrying';
CREATE INDEX chunks_held ON belfry.chunks (held_at) WHERE state = 'pending';
CREATE INDEX messages_waiting ON belfry.messages (created_at) WHERE state IN ('scheduled', 'queued');

-- Newer messages with the collapse key of an older one.
CREATE INDEX messages_collapsing ON belfry.messages (collapse_key, seq) WHERE collapse_key IS NOT NULL;

-- One row: the last time that this store has seen, by clock_ms(), and the last that it trusts.
CREATE TABLE belfry.clock (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  seen_at    BIGINT NOT NULL,
  trusted_at BIGINT NOT NULL
);
CREATE INDEX devices_failing ON belfry.devices (failing_since) WHERE failing_since IS NOT NULL;
