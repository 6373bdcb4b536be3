import type { Store } from '@belfry/store';
import type { DateGuard } from '../date/date-guard.ts';
import type { SteadyClock } from '../date/steady-clock.ts';
import type { Logger } from '../effects.ts';
import { startWakeLoop, type WakeLoop } from '../wake-loop.ts';

export interface RetentionOptions {
  readonly store: Pick<Store, 'purge'>;
  readonly date: DateGuard;
  readonly clock: SteadyClock;
  readonly logger: Logger;
  /** How long the ledger of a message that is over is kept. */
  readonly keepMessagesMs: number;
}

const DAY_MS = 24 * 3_600_000;
/** A gone device can be revived by its worker for so long. */
const KEEP_GONE_DEVICES_MS = 90 * DAY_MS;
/** Rows of one call: some milliseconds of the store's writer, so that nobody waits for it. */
const BATCH_ROWS = 500;
const BETWEEN_BATCHES_MS = 1_000;
const EVERY_MS = 3_600_000;
/** The store sees the date so often: a write of one row, by which the next start tells how long the server was off. */
const CHECK_DATE_EVERY_MS = 60_000;

/** Deletes what is old, a little at a time, so that a store does not grow for ever; nothing while the date is not trusted. */
export function startRetentionLoop({ store, date, clock, logger, keepMessagesMs }: RetentionOptions): WakeLoop {
  /** By the monotonic clock. */
  let purgeAt = clock.elapsed();
  const loop = startWakeLoop({
    clock,
    logger,
    failure: 'What is old could not be deleted',
    async step() {
      if ((await date.isTrusted()) && clock.elapsed() >= purgeAt) {
        const deleted = await store.purge({
          steadyNow: clock.steadyNow(),
          keepEndedMs: keepMessagesMs,
          keepGoneMs: KEEP_GONE_DEVICES_MS,
          limit: BATCH_ROWS,
        });
        purgeAt = clock.elapsed() + (deleted >= BATCH_ROWS ? BETWEEN_BATCHES_MS : EVERY_MS);
      }
      const untilPurgeMs = purgeAt - clock.elapsed();
      // Not trusted: somebody may confirm the date at any moment, in this process or another.
      return clock.now() + (untilPurgeMs > 0 ? Math.min(untilPurgeMs, CHECK_DATE_EVERY_MS) : CHECK_DATE_EVERY_MS);
    },
  });
  loop.wakeAt(clock.now() + BETWEEN_BATCHES_MS);
  return loop;
}
