import type { Clock } from '../../effects.ts';
import { BelfryError } from '../../errors.ts';

/** Counts a request of `key` (a user, a device, an API key); throws `too-many-requests` beyond the limit. */
export type RateLimit = (key: string) => void;

/** Keys are proven before they are counted. Of more active ones in one window, those that asked longest ago are forgotten. */
const MAX_KEYS = 100_000;

export interface RateLimitOptions {
  readonly limit: number;
  readonly windowMs: number;
  readonly clock: Clock;
  /** False where a refusal is sent at once: an API key's never waits behind those of strangers. */
  readonly isPaced?: boolean;
}

/**
 * So many requests of one key in a window of time; all windows end together.
 *
 * Only for keys that were proven. Strangers could fill the memory of this limit with made-up ones, so that it would forget the
 * real: they are counted by address (`createAddressLimit`).
 */
export function createRateLimit(options: RateLimitOptions): RateLimit {
  const { limit, windowMs, clock, isPaced = true } = options;
  let endsAt = clock.elapsed();
  // Two generations: deleting the oldest key of one Map, again and again, would walk over all that were deleted before.
  let counts = new Map<string, number>();
  let earlier = new Map<string, number>();
  return (key) => {
    const now = clock.elapsed();
    if (now >= endsAt) {
      endsAt = now + windowMs;
      counts.clear();
      earlier.clear();
    }
    const count = (counts.get(key) ?? earlier.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (counts.size >= MAX_KEYS) {
      earlier = counts;
      counts = new Map();
    }
    if (count > limit) {
      const refusal = { limit, windowMs, retryAfterMs: endsAt - now };
      throw isPaced ? new PacedRefusalError(refusal) : new RefusalError(refusal);
    }
  };
}

/** A limit that was reached. */
export interface Refusal {
  readonly limit: number;
  readonly windowMs: number;
  readonly retryAfterMs: number;
}

class RefusalError extends BelfryError {
  constructor({ limit, windowMs, retryAfterMs }: Refusal) {
    const retryAfterS = Math.max(1, Math.ceil(retryAfterMs / 1000));
    super('too-many-requests', `At most ${limit} requests in ${windowMs / 1000} s`, { retryAfterS });
  }
}

/**
 * A refusal that waits for its turn (`RefusalQueue`): of strangers, and of users and devices that ask too often. One user on 300
 * connections, who was refused at once, asked 5,000 times a second, and the others' responses took 86 ms where they took 8.
 */
export class PacedRefusalError extends RefusalError {}
