import type { Clock } from '../effects.ts';
import { keepNewest } from '../keep-newest.ts';
import { HELD_RETRY_INTERVAL_MS, LONGEST_HELD_RETRY_MS, MAX_PACED_USERS } from '../limits.ts';
import type { PushTransport } from '../transport/push-transport.ts';
import type { JudgedOutcome } from './origin-gate.ts';
import type { Route } from './refusals.ts';

interface Pace {
  /** The user's last request there was not accepted. */
  isFailing: boolean;
  /**
   * When the last delivery of each line comes again, by `Clock.elapsed`. A failing user has a line of their own, so that a user
   * whose push service responds again does not wait behind it.
   */
  readonly lastAtMs: { failing: number; working: number };
}

/**
 * Spaces out the deliveries of one user at one push service that come again although no request was made: too many of the user's
 * requests are in flight, or the device is to be left alone. Such a delivery counts no attempt, so its delay would never grow: the
 * 100,000 deliveries that waited for 50 devices which hang were taken from the store and written to it again twice a minute, for as
 * long as their TTL, and slowed everybody's messages down.
 */
export class RetryPace {
  readonly #clock: Clock;
  readonly #isProven: PushTransport['isProven'];
  readonly #users = new Map<string, Pace>();

  constructor({ clock, isProven }: { readonly clock: Clock } & Pick<PushTransport, 'isProven'>) {
    this.#clock = clock;
    this.#isProven = isProven;
  }

  /**
   * Returns the outcome; a hold of the device alone ends later where many wait. So does one of the whole push service where that has
   * not responded lately: each name that a user makes up is such a one, and has places and a back-off of its own.
   */
  apply(
    { origin, userId }: Pick<Route, 'origin' | 'userId'>,
    { outcome, isBroadcast }: { readonly outcome: JudgedOutcome; readonly isBroadcast: boolean },
  ): JudgedOutcome {
    switch (outcome.kind) {
      case 'accepted': {
        if (this.#users.size > 0) this.#accepted(`${origin} ${userId}`);
        return outcome;
      }
      case 'throttled':
      case 'retrying':
        this.#paceOf(`${origin} ${userId}`).isFailing = true;
        return outcome;
      case 'held': {
        // A page of a broadcast waits as a whole: no user's line may hold it.
        const isOfAll = outcome.scope === 'origin' && !outcome.wasSent;
        if (isOfAll && (isBroadcast || this.#isProven(origin))) return outcome;
        const pace = this.#paceOf(`${origin} ${userId}`);
        if (outcome.wasSent) {
          pace.isFailing = true;
          return outcome;
        }
        const until = this.#clock.now() + this.#takePlace(pace);
        return until > outcome.until ? { ...outcome, until } : outcome;
      }
      case 'gone':
      case 'key-mismatch':
      case 'rejected':
      case 'expired':
        return outcome;
    }
  }

  #accepted(key: string): void {
    const pace = this.#users.get(key);
    if (pace === undefined) return;
    pace.isFailing = false;
    const { failing, working } = pace.lastAtMs;
    if (Math.max(failing, working) <= this.#clock.elapsed()) this.#users.delete(key);
  }

  #takePlace({ isFailing, lastAtMs }: Pace): number {
    const line = isFailing ? 'failing' : 'working';
    const nowMs = this.#clock.elapsed();
    const delayMs = Math.max(0, lastAtMs[line] - nowMs) + HELD_RETRY_INTERVAL_MS[line];
    // What is too many for the longest delay is spread over the second half of it, again and again.
    const allowedMs = delayMs <= LONGEST_HELD_RETRY_MS ? delayMs : LONGEST_HELD_RETRY_MS / 2;
    lastAtMs[line] = nowMs + allowedMs;
    return Math.ceil(allowedMs);
  }

  #paceOf(key: string): Pace {
    const pace = this.#users.get(key) ?? { isFailing: false, lastAtMs: { failing: 0, working: 0 } };
    keepNewest(this.#users, { key, value: pace, limit: MAX_PACED_USERS });
    return pace;
  }
}
