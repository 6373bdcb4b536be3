-- How many WALs, and parts of WALs, the file has in it: the application id of its header. A copy of the file that was made while an
-- earlier WAL was in use has a lower number. Null in a store that only an earlier version has stamped.
ALTER TABLE owner ADD COLUMN generation INTEGER;
-- What the file had when this WAL began.
ALTER TABLE owner ADD COLUMN earlier_generation INTEGER;
