import type { Delivery, Store } from '@belfry/store';
import type { Clock, Logger } from '../effects.ts';
import { startWakeLoop, type WakeLoop } from '../wake-loop.ts';
import type { Deliverer } from './deliverer.ts';

/** How many due deliveries are taken at a time, and how many such pages may be under way. */
const PAGE = 200;
const MAX_PAGES = 10;

/** Takes up deliveries when their time has come. */
export function startRetryLoop(options: {
  readonly store: Store;
  readonly deliverer: Deliverer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly leaseMs: number;
}): WakeLoop {
  const { store, deliverer, clock, logger, leaseMs } = options;
  const pages = new Set<Promise<unknown>>();
  const loop = startWakeLoop({
    clock,
    logger,
    failure: 'Deliveries that were due could not be taken up',
    async step() {
      // A page is not waited for: a silent host would hold up everybody else's retries until its time-out.
      if (pages.size >= MAX_PAGES) await Promise.race(pages);
      const leasedAt = clock.elapsed();
      const { deliveries, nextDueAt } = await store.takeDue({ now: clock.now(), limit: PAGE, leaseMs });
      if (deliveries.length > 0) start(deliveries, leasedAt);
      return nextDueAt;
    },
  });
  return {
    wakeAt: loop.wakeAt,
    async stop() {
      await loop.stop();
      await Promise.all(pages);
    },
  };

  function start(deliveries: readonly Delivery[], leasedAt: number): void {
    const page = Promise.allSettled([deliverer.deliver(deliveries, leasedAt)]);
    pages.add(page);
    void page.then(() => pages.delete(page));
  }
}
