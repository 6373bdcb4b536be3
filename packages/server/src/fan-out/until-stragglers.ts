import type { DeliveryDevice } from '@belfry/store';
import type { Clock } from '../effects.ts';
import { STRAGGLER_MS } from '../limits.ts';
import type { PageStragglers } from './origin-stragglers.ts';

/**
 * Resolves when every request of a page has ended, or when those that have not are stragglers: no request of the page has ended for
 * `STRAGGLER_MS`, or all that are left are of users who have stragglers already. Rejects when a request does.
 *
 * @param underWay a request that ends leaves it
 */
export async function untilStragglers(
  underWay: ReadonlyMap<DeliveryDevice, Promise<unknown>>,
  { clock, load }: { readonly clock: Clock; readonly load: PageStragglers },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const devices = underWay.size;
  const awaited = [...underWay].filter(([{ userId }]) => !load.isStraggling(userId));
  let isOver = false;
  let left = devices;
  let cancel = clock.after(STRAGGLER_MS, look);
  Promise.all(underWay.values()).then(() => resolve(), reject);
  if (awaited.length < devices) void Promise.allSettled(awaited.map(([, ended]) => ended)).then(leave);
  try {
    await promise;
  } finally {
    isOver = true;
    cancel();
  }

  function look(): void {
    if (underWay.size === left) leave();
    left = underWay.size;
    cancel = clock.after(STRAGGLER_MS, look);
  }

  function leave(): void {
    if (isOver || underWay.size === 0 || !load.leave([...underWay.keys()], devices)) return;
    isOver = true;
    resolve();
  }
}
