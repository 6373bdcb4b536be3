import type { Delivery, Store } from '@belfry/store';
import type { Clock, Logger } from '../effects.ts';
import type { Deliverer } from './deliverer.ts';

/** How many due deliveries are taken at a time, and how many such pages may be under way. */
const PAGE = 200;
const MAX_PAGES = 10;
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
  const pages = new Set<Promise<unknown>>();
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
      await Promise.all(pages);
    },
  };
  return loop;

  async function takeDue(): Promise<void> {
    if (stopped) return;
    try {
      // A page is not waited for: a silent host would hold up everybody else's retries until its time-out.
      if (pages.size >= MAX_PAGES) await Promise.race(pages);
      const { deliveries, nextDueAt } = await store.takeDue({ now: clock.now(), limit: PAGE });
      if (deliveries.length > 0) start(deliveries);
      if (nextDueAt !== null) loop.wakeAt(nextDueAt);
    } catch (error) {
      if (stopped) return;
      logger.error('Deliveries that were due could not be taken up', { error: String(error) });
      loop.wakeAt(clock.now() + STORE_RETRY_MS);
    }
  }

  function start(deliveries: readonly Delivery[]): void {
    const page = Promise.allSettled([deliverer.deliver(deliveries)]);
    pages.add(page);
    void page.then(() => pages.delete(page));
  }
}
