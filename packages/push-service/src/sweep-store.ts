import type { Clock } from './clock.ts';
import { SWEEP_INTERVAL_MS, SWEEP_ROWS } from './limits.ts';
import { faultFields, type PushServiceLogger } from './logger.ts';
import type { PushStore } from './store/push-store.ts';

/**
 * Drops what has expired, now and then, until the function it answers is called: nobody may ever say hello again. That an
 * expired message is not delivered does not depend on it; how soon its receipt comes does.
 */
export function sweepStore(options: {
  readonly store: PushStore;
  readonly clock: Clock;
  readonly logger: PushServiceLogger;
}): () => void {
  const { store, clock, logger } = options;
  const sweep = (): number => {
    try {
      const now = clock.now();
      store.receipts.removeUnused(now);
      // Where there was more than may be dropped at once, others get their turn before the rest is.
      return store.removeExpired(now) === SWEEP_ROWS ? 0 : SWEEP_INTERVAL_MS;
    } catch (fault) {
      logger.warn('Expired messages could not be dropped', faultFields(fault));
      return SWEEP_INTERVAL_MS;
    }
  };
  let cancel = (): void => {};
  const repeat = (): void => {
    cancel = clock.after(sweep(), repeat);
  };
  repeat();
  return () => cancel();
}
