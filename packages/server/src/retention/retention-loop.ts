import type { Store } from '@belfry/store';
import type { Clock, Logger } from '../effects.ts';
import { startWakeLoop, type WakeLoop } from '../wake-loop.ts';

export interface RetentionOptions {
  readonly store: Store;
  readonly clock: Clock;
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

/** Deletes what is old, a little at a time, so that a store does not grow for ever. */
export function startRetentionLoop({ store, clock, logger, keepMessagesMs }: RetentionOptions): WakeLoop {
  const loop = startWakeLoop({
    clock,
    logger,
    failure: 'What is old could not be deleted',
    async step() {
      const now = clock.now();
      const deleted = await store.purge({
        now,
        endedBefore: now - keepMessagesMs,
        goneBefore: now - KEEP_GONE_DEVICES_MS,
        limit: BATCH_ROWS,
      });
      return clock.now() + (deleted >= BATCH_ROWS ? BETWEEN_BATCHES_MS : EVERY_MS);
    },
  });
  loop.wakeAt(clock.now() + BETWEEN_BATCHES_MS);
  return loop;
}
