-- When a push service first accepted a message for the subscription that the device has now. Broadcasts do not set it.
ALTER TABLE belfry.devices ADD COLUMN accepted_at BIGINT;
