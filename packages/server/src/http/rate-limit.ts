import type { Clock } from '../effects.ts';
import { BelfryError } from '../errors.ts';

/** Counts a request of `key` (a user, a device, an API key); throws `too-many-requests` beyond the limit. */
export type RateLimit = (key: string) => void;

/** A stranger may make up keys; their memory is bounded. */
const MAX_KEYS = 100_000;

/** So many requests of one key in a window of time; all windows end together, and that empties the memory of them. */
export function createRateLimit(options: { limit: number; windowMs: number; clock: Clock }): RateLimit {
  const { limit, windowMs, clock } = options;
  let endsAt = 0;
  const counts = new Map<string, number>();
  return (key) => {
    const now = clock.now();
    if (now >= endsAt || counts.size >= MAX_KEYS) {
      endsAt = now + windowMs;
      counts.clear();
    }
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count > limit) {
      const retryAfterS = Math.ceil((endsAt - now) / 1000);
      throw new BelfryError('too-many-requests', `At most ${limit} requests in ${windowMs / 1000} s`, { retryAfterS });
    }
  };
}
