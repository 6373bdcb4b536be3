-- 16 random bytes: with a device's binding they make the token by which it proves that a message was addressed to it. Null for
-- messages of before.
ALTER TABLE messages ADD COLUMN receipt_key BLOB;
