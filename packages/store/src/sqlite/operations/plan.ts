/** A message that is being planned. Times are milliseconds since 1970. */
export interface Plan {
  readonly seq: number;
  readonly now: number;
  readonly runAt: number;
  readonly lastDeviceId: number;
  /** When the devices of each time zone are due, '' for those without one; null: all at once. */
  readonly zones: ReadonlyMap<string, number> | null;
  /** When what is to be sent at `runAt` expires. */
  expiresAt(runAt: number): number;
}
