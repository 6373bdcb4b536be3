-- What one user has is bounded: the devices that are gone, the oldest first, and the secrets that are retired.
CREATE INDEX devices_user_state ON devices (user_id, state, gone_at);

-- Whose device had the secret, or who sent it; null in rows of before.
ALTER TABLE retired_secrets ADD COLUMN user_id INTEGER;
CREATE INDEX retired_secrets_user ON retired_secrets (user_id, retired_at) WHERE user_id IS NOT NULL;
