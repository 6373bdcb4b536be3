import { MAX_IN_FLIGHT_PER_ORIGIN } from '../limits.ts';

const INITIAL = 32;
/** One for users, one for broadcasts. */
const SMALLEST = 2;
/** An answer that takes longer says that the service has a queue of its own, which more requests only lengthen. */
const QUICK_ANSWER_MS = 500;
/** So does one that takes three times as long as the quickest; but never so short a one. */
const SLOWER = 3;
const SHORT_ANSWER_MS = 10;
/** The quickest is forgotten with thousands of answers: a route may become longer. */
const FORGETTING = 1.0005;

/**
 * How many requests may be in flight to one origin: additive increase, multiplicative decrease. What is more than the service
 * works on waits there, before every message to a user that comes later. It grows by one with each quick answer until it is first told to slow down, from then on by one with each round of answers; a sign of
 * overload (429, 503, a timeout, streams refused again and again) halves it, once for all requests that were in
 * flight together.
 */
export class ConcurrencyWindow {
  #size = INITIAL;
  #hasShrunk = false;
  #begun = 0;
  /** The last request that had begun when it shrank. */
  #shrunkAt = 0;
  #quickestMs = QUICK_ANSWER_MS;

  /** Never above `ceiling`, which is what the connections could take; a broadcast's share leaves a quarter to users. */
  limit(ceiling: number, priority: 'user' | 'broadcast'): number {
    const all = Math.max(1, Math.min(Math.floor(this.#size), ceiling));
    return priority === 'user' ? all : Math.max(1, Math.floor(all * 0.75));
  }

  /** @param inFlight how many were, this one included: what is not used does not grow */
  answered({ tookMs, inFlight }: { readonly tookMs: number; readonly inFlight: number }): void {
    this.#quickestMs = Math.min(tookMs, this.#quickestMs * FORGETTING + FORGETTING - 1);
    const quickMs = Math.min(QUICK_ANSWER_MS, Math.max(SHORT_ANSWER_MS, SLOWER * this.#quickestMs));
    if (tookMs > quickMs || inFlight * 2 < this.#size) return;
    this.#size = Math.min(this.#size + (this.#hasShrunk ? 1 / this.#size : 1), MAX_IN_FLIGHT_PER_ORIGIN);
  }

  /** @returns the request's number, for `overloaded` */
  begin(): number {
    this.#begun += 1;
    return this.#begun;
  }

  overloaded(request: number): void {
    if (request <= this.#shrunkAt) return;
    this.#size = Math.max(this.#size / 2, SMALLEST);
    this.#hasShrunk = true;
    this.#shrunkAt = this.#begun;
  }
}
