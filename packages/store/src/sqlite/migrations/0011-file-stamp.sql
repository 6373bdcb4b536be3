-- Which file this is: what its header has as schema version, set at random at each opening. A backup has another one. The row is
-- written again at the beginning of each WAL, so a WAL says which file it belongs to. Null while nobody knows.
ALTER TABLE owner ADD COLUMN stamp INTEGER;
-- What the file may have instead until a checkpoint has brought the stamp into it.
ALTER TABLE owner ADD COLUMN earlier_stamp INTEGER;
-- How many WALs have begun. SQLite writes no page that stays the same, so the row has to change.
ALTER TABLE owner ADD COLUMN wals INTEGER NOT NULL DEFAULT 0;
