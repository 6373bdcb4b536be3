-- Answers since the last accepted message that may be the subscription's fault, and when the first of them came.

ALTER TABLE devices ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN failing_since INTEGER;
