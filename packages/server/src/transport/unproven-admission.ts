import type { Clock } from '../effects.ts';
import { MAX_UNPROVEN_POOLS, UNPROVEN_ATTEMPTS_PER_SECOND, UNPROVEN_CONNECT_TIMEOUT_MS } from '../limits.ts';

const SHORTEST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 10 * 60_000;
const ATTEMPT_INTERVAL_MS = 1_000 / UNPROVEN_ATTEMPTS_PER_SECOND;
/**
 * So often a place becomes free where all are taken by origins that do not answer. Whoever comes back finds one then: with
 * one return for each attempt of the budget, 20 a second came for five places, and an origin that would answer got none for minutes.
 */
const RETURN_INTERVAL_MS = UNPROVEN_CONNECT_TIMEOUT_MS / MAX_UNPROVEN_POOLS;

/**
 * How often unproven origins, all together, may be connected to. Each attempt costs a TLS handshake, and what is known of an
 * origin is forgotten where there are thousands: so it is one budget for all, which no number of names makes larger.
 */
export class UnprovenAdmission {
  readonly #clock: Clock;
  readonly #random: () => number;
  /** When the budget of one second would be whole again, by `Clock.elapsed`. */
  #wholeAtMs = 0;
  /** When the last message that was refused is to come again, by `Clock.elapsed`. */
  #lastReturnMs = 0;

  constructor({ clock, random }: { readonly clock: Clock; random(): number }) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Takes one attempt out of the budget, if there is one. */
  admit(): boolean {
    const nowMs = this.#clock.elapsed();
    const wholeAtMs = Math.max(this.#wholeAtMs, nowMs) + ATTEMPT_INTERVAL_MS;
    if (wholeAtMs > nowMs + 1_000) return false;
    this.#wholeAtMs = wholeAtMs;
    return true;
  }

  /**
   * When a message that found no place is to come again: one after the other, as places become free. So
   * the wait grows with the number of those that wait, and they never come all at once.
   */
  retryAfterMs(): number {
    const nowMs = this.#clock.elapsed();
    const returnMs = Math.max(this.#lastReturnMs + RETURN_INTERVAL_MS, nowMs + SHORTEST_WAIT_MS);
    this.#lastReturnMs = Math.min(returnMs, nowMs + LONGEST_WAIT_MS);
    const waitMs = this.#lastReturnMs - nowMs;
    return Math.ceil(waitMs * (1 + this.#random() / 2));
  }
}
