import type { DeliveryDevice } from '@belfry/store';
import type { Clock } from '../effects.ts';
import { STRAGGLER_MS } from '../limits.ts';
import type { PageStragglers } from './origin-stragglers.ts';

/**
 * After this time a page goes on without the devices that are left, even while others respond. One user's 50 devices, of which one
 * responded every 0.9 s, held a page for 48 s.
 */
export const MAX_PAGE_MS = 5_000;

/** The requests of a page. */
export interface PageRequests {
  readonly devices: readonly DeliveryDevice[];
  /** In the order of their devices. */
  readonly requests: readonly Promise<unknown>[];
  /** How many have not ended, and of which devices. */
  open(): number;
  openDevices(): readonly DeliveryDevice[];
}

/**
 * Resolves when every request of a page has ended, or when those that have not are stragglers: no request of the page has ended for
 * `STRAGGLER_MS`, or the page has taken `MAX_PAGE_MS`, or all that are left are of users who have stragglers already. Rejects when a
 * request does.
 */
export async function untilStragglers(
  { devices, requests, open, openDevices }: PageRequests,
  { clock, load }: { readonly clock: Clock; readonly load: PageStragglers },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const startedAtMs = clock.elapsed();
  let isOver = false;
  let left = devices.length;
  let cancel = clock.after(STRAGGLER_MS, look);
  Promise.all(requests).then(() => resolve(), reject);
  if (load.hasStragglers) {
    const isAwaited = devices.map(({ userId }) => !load.isStraggling(userId));
    if (isAwaited.includes(false)) {
      void Promise.allSettled(requests.filter((_, place) => isAwaited[place])).then(leave);
    }
  }
  try {
    await promise;
  } finally {
    isOver = true;
    cancel();
  }

  function look(): void {
    if (open() === left || clock.elapsed() - startedAtMs >= MAX_PAGE_MS) leave();
    left = open();
    cancel = clock.after(STRAGGLER_MS, look);
  }

  function leave(): void {
    if (isOver || open() === 0 || !load.leave(openDevices(), devices.length)) return;
    isOver = true;
    resolve();
  }
}
