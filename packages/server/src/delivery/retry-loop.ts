import { endpointOrigin } from '@belfry/protocol';
import type { Delivery, Store } from '@belfry/store';
import type { Clock, Logger } from '../effects.ts';
import { MAX_RETRIES_UNDER_WAY } from '../limits.ts';
import type { PushTransport } from '../transport/push-transport.ts';
import { startWakeLoop, type WakeLoop } from '../wake-loop.ts';
import type { Deliverer } from './deliverer.ts';

/** How many due deliveries are taken at a time. */
const PAGE = 200;

/** Takes up deliveries when their time has come. */
export function startRetryLoop(options: {
  readonly store: Pick<Store, 'takeDue'>;
  readonly deliverer: Deliverer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly leaseMs: number;
  readonly isProven: PushTransport['isProven'];
}): WakeLoop {
  const { store, deliverer, clock, logger, leaseMs, isProven } = options;
  const underWay = new Set<Promise<unknown>>();
  /** How many of them count: each by itself, so that one that hangs does not hold the place of those that were taken with it. */
  let proven = 0;
  let ended = Promise.withResolvers<void>();
  const loop = startWakeLoop({
    clock,
    logger,
    failure: 'Deliveries that were due could not be taken up',
    async step() {
      // What is for a push service that may never answer is not waited for: it would hold up everybody else's retries.
      while (!hasRoom()) await ended.promise;
      const leasedAt = clock.elapsed();
      const { deliveries, nextDueAt } = await store.takeDue({ now: clock.now(), limit: PAGE, leaseMs });
      for (const delivery of deliveries) start(delivery, leasedAt);
      return nextDueAt;
    },
  });
  return {
    wakeAt: loop.wakeAt,
    async stop() {
      await loop.stop();
      await Promise.all(underWay);
    },
  };

  function hasRoom(): boolean {
    return proven < MAX_RETRIES_UNDER_WAY;
  }

  function start(delivery: Delivery, leasedAt: number): void {
    const counts = isProven(endpointOrigin(delivery.device.endpoint)) ? 1 : 0;
    proven += counts;
    const delivering = Promise.allSettled([deliverer.deliver([delivery], leasedAt)]).finally(() => {
      underWay.delete(delivering);
      proven -= counts;
      ended.resolve();
      ended = Promise.withResolvers();
    });
    underWay.add(delivering);
  }
}
