import { endpointOrigin } from '@belfry/protocol';
import type { Delivery, Store } from '@belfry/store';
import type { Clock, Logger } from '../effects.ts';
import { MAX_RETRIES_UNDER_WAY, MAX_STRAGGLING_RETRIES, STRAGGLER_MS } from '../limits.ts';
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
  /** How many of them have a place. Each has its own, so one that hangs does not hold the places of those that were taken with it. */
  const places = { prompt: 0, straggling: 0 };
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
    return places.prompt < MAX_RETRIES_UNDER_WAY;
  }

  function start(delivery: Delivery, leasedAt: number): void {
    const free = isProven(endpointOrigin(delivery.device.endpoint)) ? takePlace() : () => {};
    const delivering = Promise.allSettled([deliverer.deliver([delivery], leasedAt)]).finally(() => {
      underWay.delete(delivering);
      free();
    });
    underWay.add(delivering);
  }

  /** Returns what gives the place back. */
  function takePlace(): () => void {
    let kind: keyof typeof places = 'prompt';
    places[kind] += 1;
    const cancel = clock.after(STRAGGLER_MS, () => {
      if (places.straggling >= MAX_STRAGGLING_RETRIES) return;
      freePlace(kind);
      kind = 'straggling';
      places[kind] += 1;
    });
    return () => {
      cancel();
      freePlace(kind);
    };
  }

  function freePlace(kind: keyof typeof places): void {
    places[kind] -= 1;
    ended.resolve();
    ended = Promise.withResolvers();
  }
}
