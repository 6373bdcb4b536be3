-- 16 random bytes: with a device's binding they make the token by which it proves that a message was addressed to it. Null for
-- messages of before, and of processes of an older version.
ALTER TABLE belfry.messages ADD COLUMN receipt_key BYTEA;
