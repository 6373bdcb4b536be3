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
  /** What is under way, by push service. */
  const groups = new Set<Promise<unknown>>();
  /** Those of them that count, and how many deliveries they are. */
  const proven = new Map<Promise<unknown>, number>();
  const loop = startWakeLoop({
    clock,
    logger,
    failure: 'Deliveries that were due could not be taken up',
    async step() {
      // What is for a push service that may never answer is not waited for: it would hold up everybody else's retries.
      while (underWay() >= MAX_RETRIES_UNDER_WAY) await Promise.race(proven.keys());
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
      await Promise.all(groups);
    },
  };

  function underWay(): number {
    return [...proven.values()].reduce((sum, count) => sum + count, 0);
  }

  function start(deliveries: readonly Delivery[], leasedAt: number): void {
    const byOrigin = Map.groupBy(deliveries, ({ device }) => endpointOrigin(device.endpoint));
    for (const [origin, some] of byOrigin) {
      const group = Promise.allSettled([deliverer.deliver(some, leasedAt)]);
      groups.add(group);
      if (isProven(origin)) proven.set(group, some.length);
      void group.then(() => {
        groups.delete(group);
        return proven.delete(group);
      });
    }
  }
}
