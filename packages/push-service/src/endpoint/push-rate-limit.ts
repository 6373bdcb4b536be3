import type { EndpointToken } from '../identifiers.ts';

const MINUTE_MS = 60_000;

/**
 * How many pushes a subscription takes in a minute of the clock. Counted in memory and forgotten together when the minute
 * ends, so that it never holds more than one minute's subscriptions.
 */
export class PushRateLimit {
  readonly #maxPerMinute: number;
  #minute = 0;
  #counts = new Map<EndpointToken, number>();

  constructor(maxPerMinute: number) {
    this.#maxPerMinute = maxPerMinute;
  }

  /** Counts a push, and answers undefined if it may pass, else the seconds after which the next one may. */
  take(token: EndpointToken, now: number): number | undefined {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#counts = new Map();
    }
    const count = this.#counts.get(token) ?? 0;
    if (count >= this.#maxPerMinute) return Math.ceil(((minute + 1) * MINUTE_MS - now) / 1000);
    this.#counts.set(token, count + 1);
    return undefined;
  }
}
