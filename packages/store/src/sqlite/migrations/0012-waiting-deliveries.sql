-- What waits for a device, by number: the state is the index's own, so the oldest beyond the bound are found without reading rows.
CREATE INDEX deliveries_waiting ON deliveries (device_id) WHERE state = 'retrying';
