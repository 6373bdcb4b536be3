import type { PushServiceOrigin } from '@belfry/protocol';
import type { Clock } from '../effects.ts';
import { keepNewest } from '../keep-newest.ts';

/** A user is remembered for so long. */
export const SLOW_USER_MS = 30_000;
/** Each costs some 100 bytes. */
const MAX_SLOW_USERS = 1_000;

/**
 * Remembers for a while the users who held up a page of a broadcast for longer than `STRAGGLER_MS`. A device that responds after 1.4 s
 * is never left behind, and held each of 15 pages: 22 s instead of 6 s.
 */
export class SlowUsers {
  readonly #clock: Clock;
  /** Until when each is remembered, by `Clock.elapsed`; the one that is forgotten next is first. */
  readonly #untilMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asked for each page. Where nobody is remembered, `has` need not be asked for each device. */
  get isEmpty(): boolean {
    for (const [key, untilMs] of this.#untilMs) {
      if (this.#clock.elapsed() < untilMs) return false;
      this.#untilMs.delete(key);
    }
    return true;
  }

  has(origin: PushServiceOrigin, userId: number): boolean {
    const untilMs = this.#untilMs.get(`${origin} ${userId}`);
    return untilMs !== undefined && this.#clock.elapsed() < untilMs;
  }

  add(origin: PushServiceOrigin, userId: number): void {
    const value = this.#clock.elapsed() + SLOW_USER_MS;
    keepNewest(this.#untilMs, { key: `${origin} ${userId}`, value, limit: MAX_SLOW_USERS });
  }
}
