import type { Clock, RandomBytes } from '../../effects.ts';
import { ADDRESS_REQUESTS_PER_MINUTE, UNADDRESSED_REQUESTS_PER_MINUTE } from '../../limits.ts';
import { addressKey } from './address-key.ts';
import { HashedCounters } from './hashed-counters.ts';
import type { Refusal } from './rate-limit.ts';

/** What one request has cost its address. */
export interface Admission {
  /** The request is of a user, a device or an application, which have limits of their own: it costs its address nothing. */
  proven(): void;
}

/** Counts a request of an address that has proven nothing yet. */
export type AddressLimit = (clientAddress: string | undefined) => CountedRequest;

export interface CountedRequest extends Admission {
  /** Beyond the limit. */
  readonly refused: Refusal | undefined;
}

const WINDOW_MS = 60_000;

/** Requests without an address, of an adapter that passes none, share one count. */
export function createAddressLimit(effects: {
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
}): AddressLimit {
  const { clock, randomBytes } = effects;
  const counters = new HashedCounters(randomBytes);
  let startedAt = clock.elapsed();
  return (clientAddress) => {
    for (let turns = 0; clock.elapsed() - startedAt >= WINDOW_MS; turns++) {
      // After two turns nothing is left to forget.
      startedAt = turns < 2 ? startedAt + WINDOW_MS : clock.elapsed();
      counters.turn();
    }
    const passedMs = clock.elapsed() - startedAt;
    const key = addressKey(clientAddress);
    const limit = key === undefined ? UNADDRESSED_REQUESTS_PER_MINUTE : ADDRESS_REQUESTS_PER_MINUTE;
    const { count, takeBack } = counters.add(key ?? '', passedMs / WINDOW_MS);
    if (count > limit) {
      // Else an address that goes on asking would never be let in again.
      takeBack();
      const refused = { limit, windowMs: WINDOW_MS, retryAfterMs: WINDOW_MS - passedMs };
      return { refused, proven() {} };
    }
    return { refused: undefined, proven: takeBack };
  };
}
