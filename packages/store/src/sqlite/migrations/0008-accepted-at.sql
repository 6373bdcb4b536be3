-- When a push service first accepted a message for the subscription that the device has now. Broadcasts do not set it.
ALTER TABLE devices ADD COLUMN accepted_at INTEGER;
