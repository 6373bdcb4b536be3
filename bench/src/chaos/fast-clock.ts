import type { Clock } from '@belfry/server';
// What a server runs on by default; no package exports it.
import { systemClock } from '../../../packages/server/src/effects.ts';

/** How a clock runs that is faster than the world's. */
export interface Pace {
  readonly speed: number;
  /** When it showed the right time, ms since 1970: the same for all processes. */
  readonly sinceMs: number;
}

export interface FastClock extends Clock {
  /** Somebody sets it, by so much of its own time. */
  set(stepMs: number): void;
}

/**
 * A clock on which time-outs, leases and retries take a fraction of their time, all by the same factor: 30 s for a request, its
 * 35 s of margin and the lease that must outlive them stay in proportion, and a round does not consist of waiting.
 */
export function fastClock({ speed, sinceMs }: Pace): FastClock {
  let aheadMs = 0;
  return {
    now: () => Math.round(sinceMs + (systemClock.now() - sinceMs) * speed) + aheadMs,
    set(stepMs) {
      aheadMs += stepMs;
    },
    elapsed: () => systemClock.elapsed() * speed,
    after: (delayMs, callback) => systemClock.after(delayMs / speed, callback),
  };
}
