import type { Endpoint } from '@belfry/protocol';
import { keepNewest } from './keep-newest.ts';

/** So many devices… */
const DEVICES = 3;
/** …of so many users are no coincidence. What one user's devices say may be made up by that user. */
const USERS = 2;
/** Users that are remembered: of several at once, enough are among the last. */
const MAX_USERS = 16;

/** One device's statement about its push service. */
export interface Statement {
  /** Belfry's own number of the user. */
  readonly userId: number;
  readonly endpoint: Endpoint;
  /** For how long the push service asks to be left alone. */
  readonly delayMs: number;
}

/** Collects what devices of one push service say of it, until enough of them agree. One user's devices never suffice. */
export class Agreement {
  /** How long each endpoint asked for, by user. */
  readonly #statements = new Map<number, Map<Endpoint, number>>();

  get isReached(): boolean {
    if (this.#statements.size < USERS) return false;
    return [...this.#statements.values()].reduce((sum, { size }) => sum + size, 0) >= DEVICES;
  }

  /** The shortest delay that anybody asked for, so that nobody alone makes it longer. */
  get shortestMs(): number {
    return Math.min(...[...this.#statements.values()].flatMap((delays) => [...delays.values()]));
  }

  add({ userId, endpoint, delayMs }: Statement): void {
    const delays = this.#statements.get(userId) ?? new Map<Endpoint, number>();
    keepNewest(delays, { key: endpoint, value: delayMs, limit: DEVICES });
    keepNewest(this.#statements, { key: userId, value: delays, limit: MAX_USERS });
  }

  /** A message was accepted: what was said before does not hold any more. */
  clear(): void {
    this.#statements.clear();
  }
}
