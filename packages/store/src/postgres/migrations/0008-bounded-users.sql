-- What one user has is bounded: the devices that are gone, the oldest first, and the secrets that are retired.
CREATE INDEX devices_user_state ON belfry.devices (user_id, state, gone_at);

-- Whose device had the secret, or who sent it; null in rows of before.
ALTER TABLE belfry.retired_secrets ADD COLUMN user_id BIGINT;
CREATE INDEX retired_secrets_user ON belfry.retired_secrets (user_id, retired_at) WHERE user_id IS NOT NULL;
