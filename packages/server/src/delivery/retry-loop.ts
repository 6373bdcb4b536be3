import type { Store } from '@belfry/store';
import type { Clock, Logger } from '../effects.ts';
import type { Deliverer } from './deliverer.ts';

/** How many due deliveries are taken at a time. */
const PAGE = 200;
/** When the store fails, it is asked again after this. */
const STORE_RETRY_MS = 5_000;

/** Takes up deliveries when their time has come. */
export interface RetryLoop {
  /** Says that a delivery is due then. */
  wakeAt(time: number): void;
  /** Takes nothing more; resolves when what was taken has been dealt with. */
  stop(): Promise<void>;
}

/** Sleeps until the next delivery is due; it holds one timer, and none where nothing waits. */
export function startRetryLoop(options: {
  readonly store: Store;
  readonly deliverer: Deliverer;
  readonly clock: Clock;
  readonly logger: Logger;
}): RetryLoop {
  const { store, deliverer, clock, logger } = options;
  let timer: { readonly at: number; cancel(): void } | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;

  const loop: RetryLoop = {
    wakeAt(time) {
      if (stopped || (timer !== undefined && timer.at <= time)) return;
      timer?.cancel();
      const cancel = clock.after(time - clock.now(), () => {
        timer = undefined;
        running = running.then(takeDue);
      });
      timer = { at: time, cancel };
    },
    async stop() {
      stopped = true;
      timer?.cancel();
      await running;
    },
  };
  return loop;

  async function takeDue(): Promise<void> {
    if (stopped) return;
    try {
      const { deliveries, nextDueAt } = await store.takeDue({ now: clock.now(), limit: PAGE });
      await deliverer.deliver(deliveries);
      if (nextDueAt !== null) loop.wakeAt(nextDueAt);
    } catch (error) {
      if (stopped) return;
      logger.error('Deliveries that were due could not be taken up', { error: String(error) });
      loop.wakeAt(clock.now() + STORE_RETRY_MS);
    }
  }
}
