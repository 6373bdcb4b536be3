import { branded, endpointOrigin, type PushServiceOrigin } from '@belfry/protocol';
import type { Delivery } from '@belfry/store';
import { expect, test } from 'vitest';
import { STRAGGLER_MS } from '../limits.ts';
import { anAttempt } from '../testing/an-attempt.test-data.ts';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import type { Deliverer } from './deliverer.ts';
import { startRetryLoop } from './retry-loop.ts';

const PAGE = 200;

function pageFor(host: string): Delivery[] {
  return Array.from({ length: PAGE }, (_, index) => {
    const { message, device } = anAttempt({
      attempts: 0,
      expiresAt: 60_000,
      endpoint: branded(`https://${host}/${index}`),
    });
    return { message: message.stored, device, attempts: 0, expiresAt: 60_000, lease: 1 };
  });
}

interface LoopOptions {
  readonly clock: FakeClock;
  /** Taken one after the other. */
  readonly pages: Delivery[][];
  readonly deliver: Deliverer['deliver'];
  isProven?(origin: PushServiceOrigin): boolean;
}

function startLoop({ clock, pages, deliver, isProven = () => true }: LoopOptions): void {
  const loop = startRetryLoop({
    clock,
    logger: { info() {}, warn() {}, error() {} },
    leaseMs: 120_000,
    isProven,
    store: {
      async takeDue() {
        const deliveries = pages.shift() ?? [];
        return { deliveries, nextDueAt: pages.length === 0 ? null : clock.now() };
      },
    },
    deliverer: { deliver },
  });
  loop.wakeAt(clock.now());
}

/** Delivers what is for one host, and tells so; what is for any other hangs. */
function deliverTo(host: string, delivered: () => void): Deliverer['deliver'] {
  return async ([first]) => {
    if (first === undefined || endpointOrigin(first.device.endpoint) !== `https://${host}`) {
      return await new Promise(() => {});
    }
    delivered();
    return [];
  };
}

/** Turns the event loop until it is so; so much time passes with each turn. */
async function untilDelivered(delivered: Promise<void>, clock: FakeClock, stepMs = 0): Promise<void> {
  const isDelivered = delivered.then(() => true);
  const turn = (): Promise<boolean> => new Promise((resolve) => setImmediate(resolve, false));
  for (let turns = 0; !(await Promise.race([isDelivered, turn()])); turns += 1) {
    if (turns > 1_000) throw new Error('It waits for those that never respond');
    clock.advance(stepMs);
  }
}

test('retries for hosts that never answer hold up none for a push service that does', async () => {
  const clock = new FakeClock();
  const due = [...Array.from({ length: 50 }, (_, n) => pageFor(`dead-${n}.example`)), pageFor('healthy.example')];
  const delivered = Promise.withResolvers<void>();
  startLoop({
    clock,
    pages: due,
    isProven: (origin) => origin === 'https://healthy.example',
    deliver: deliverTo('healthy.example', delivered.resolve),
  });
  await untilDelivered(delivered.promise, clock);
  expect(due).toEqual([]);
});

test('deliveries that hang hold up none of those that were taken with them or after them', async () => {
  const clock = new FakeClock();
  const pages = Array.from({ length: 30 }, () => pageFor('healthy.example'));
  const hanging = new Set(pages.map(([first]) => first));
  const delivered = Promise.withResolvers<void>();
  let left = pages.length * (PAGE - 1);
  startLoop({
    clock,
    pages,
    deliver: async (deliveries) => {
      left -= deliveries.filter((delivery) => !hanging.has(delivery)).length;
      if (left === 0) delivered.resolve();
      return deliveries.some((delivery) => hanging.has(delivery)) ? await new Promise(() => {}) : [];
    },
  });
  await untilDelivered(delivered.promise, clock);
  expect(pages).toEqual([]);
});

test('deliveries of many users that hang hold up none of others for longer than a straggler', async () => {
  const clock = new FakeClock();
  const due = [...Array.from({ length: 30 }, () => pageFor('healthy.example')), pageFor('other.example')];
  const delivered = Promise.withResolvers<void>();
  const startedAt = clock.elapsed();
  startLoop({ clock, pages: due, deliver: deliverTo('other.example', delivered.resolve) });
  await untilDelivered(delivered.promise, clock, 50);
  // Pages of 2,000 deliveries are waited for, and there are three of these.
  expect(clock.elapsed() - startedAt).toBeLessThan(5 * STRAGGLER_MS);
});
