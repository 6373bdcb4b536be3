import type { Database } from '../database.ts';
import { integer } from '../row.ts';

/** How PostgreSQL's clock and the caller's go together, at the time of one call. */
export interface StoreClock {
  /** PostgreSQL's time. */
  readonly storeNow: number;
  /** The caller's clock at a time of PostgreSQL's. */
  toCaller(time: number): number;
}

/**
 * Reads PostgreSQL's clock for a call that asks what is due.
 *
 * The clocks of processes differ, and all of them read the rows. So each time that one process writes and another compares is on
 * PostgreSQL's clock: when a row is due, when it was put off, when its TTL or its lease ends. A caller gives durations, as a time and
 * its `now`, and gets times of its own clock. Only a time of day that the application named (`at`, `expiresAt`, the times of zones) is
 * stored as it is, and PostgreSQL's clock says when it has come. `enqueue-message.ts` moves one that this clock has passed already.
 *
 * `clock_ms()` is `clock_timestamp()`, and not `now()` or `statement_timestamp()`. Those stand still while a transaction or a statement
 * waits for a lock, which is up to 10 s: a retry would be due too early, and a lease too short, by as much.
 *
 * It is a statement of its own, and its result a parameter of the next ones. Compared with `(SELECT clock_ms())` the planner expects a
 * third of all rows, and reads the whole table to find that none is due.
 */
export function prepareStoreClock(database: Database): (now: number) => Promise<StoreClock> {
  const read = database.prepare('SELECT belfry.clock_ms()');
  return async (now) => {
    const storeNow = integer((await database.read(read))[0]?.[0]);
    return { storeNow, toCaller: (time) => time - storeNow + now };
  };
}
