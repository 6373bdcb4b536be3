import { type Endpoint, subscriptionToken } from '@belfry/protocol';
import { AGREEING_USERS } from './agreeing-users.ts';
import { keepNewest } from './keep-newest.ts';

/** So many proven devices… */
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
  /** The endpoint has accepted a message before: else anybody who is signed in may have made it up. */
  readonly isProven: boolean;
  /** For how long the push service asks to be left alone. */
  readonly delayMs: number;
}

/** Collects what devices of one push service say of it, until enough of them agree. One user's devices never suffice. */
export class Agreement {
  /** How long each proven subscription asked for, by user. */
  readonly #proven = new Map<number, Map<string, number>>();
  /** How long each user's last unproven endpoint asked for. */
  readonly #unproven = new Map<number, number>();

  get isReached(): boolean {
    if (this.#unproven.size >= AGREEING_USERS.unproven) return true;
    if (this.#proven.size < USERS) return false;
    // A subscription that moved between the users counts once.
    return new Set([...this.#proven.values()].flatMap((delays) => [...delays.keys()])).size >= DEVICES;
  }

  /** The shortest delay that anybody asked for, so that nobody alone makes it longer. */
  get shortestMs(): number {
    const proven = [...this.#proven.values()].flatMap((delays) => [...delays.values()]);
    return Math.min(...proven, ...this.#unproven.values());
  }

  add({ userId, endpoint, isProven, delayMs }: Statement): void {
    if (!isProven) {
      keepNewest(this.#unproven, { key: userId, value: delayMs, limit: AGREEING_USERS.unproven });
      return;
    }
    const delays = this.#proven.get(userId) ?? new Map<string, number>();
    keepNewest(delays, { key: subscriptionToken(endpoint), value: delayMs, limit: DEVICES });
    keepNewest(this.#proven, { key: userId, value: delays, limit: MAX_USERS });
  }

  /** A message was accepted: what was said before does not hold any more. */
  clear(): void {
    this.#proven.clear();
    this.#unproven.clear();
  }
}
