/** A message that is being planned. Times are milliseconds since 1970. */
export interface Plan {
  readonly seq: number;
  readonly now: number;
  readonly runAt: number;
  readonly ttlMs: number;
  readonly expiresAt: number | null;
  readonly lastDeviceId: number;
  readonly zones: Zones | null;
}

/** When the devices of each time zone are due, '' for those without one: two columns. */
export interface Zones {
  readonly names: readonly string[];
  readonly runAts: readonly number[];
}
