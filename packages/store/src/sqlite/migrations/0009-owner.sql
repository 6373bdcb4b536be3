-- Which process owns the store. An owner reads this row in each of its transactions, so one whose store was taken over
-- fails before it acknowledges anything. `claim` is the question of a process that wants the store: a live owner clears it.

CREATE TABLE owner (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  -- Random, made at the opening; empty after an orderly close.
  token TEXT NOT NULL,
  claim TEXT
) STRICT;
