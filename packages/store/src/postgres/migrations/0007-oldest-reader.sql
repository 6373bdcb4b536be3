-- The lowest schema number that a process must know to go on with the schema of this row. Null: the row's own number.
ALTER TABLE belfry.migrations ADD COLUMN oldest_reader INTEGER;
