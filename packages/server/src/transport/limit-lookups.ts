import type { LookupFunction } from 'node:net';

/**
 * Look-ups of names that users came up with, so many at once: the system's take a thread each out of four, and cannot be
 * ended. With names whose servers are silent, FCM's own name would otherwise wait for a thread.
 */
export function limitLookups(lookup: LookupFunction, { atOnce }: { readonly atOnce: number }): LookupFunction {
  const waiting: (() => void)[] = [];
  let underWay = 0;

  return (hostname, options, callback) => {
    if (waiting.length >= MAX_WAITING) return callback(new Error('Too many names are being looked up'), []);
    waiting.push(() => {
      underWay += 1;
      lookup(hostname, options, (...result) => {
        underWay -= 1;
        next();
        callback(...result);
      });
    });
    next();
  };

  function next(): void {
    if (underWay >= atOnce) return;
    waiting.shift()?.();
  }
}

/** As many as there are places for unproven origins: what waits longer has been given up. */
const MAX_WAITING = 16;
