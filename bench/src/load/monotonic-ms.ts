/**
 * Milliseconds of the machine's monotonic clock: the same in all its processes, and never set back, so that what one
 * process sends and another receives can be subtracted. `performance.timeOrigin` would follow the wall clock.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
