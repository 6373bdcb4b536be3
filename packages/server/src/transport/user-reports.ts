import { AGREEING_USERS } from '../agreeing-users.ts';
import { keepNewest } from '../keep-newest.ts';

/** How the last request to one of a user's devices ended: with a response, with 429 or 503, or without a response. */
export type UserReport = 'answered' | 'overloaded' | 'failed';

/** Users whose last report is remembered: so many of proven devices, and as many of unproven ones. Three of these are 9 % of the traffic. */
const MAX_USERS = 32;

/**
 * Tells the trouble of a push service from that of one user's devices. Whoever is signed in can save endpoints that always
 * return 429 or reset their streams, so each user has one voice, however many requests go to that user's devices.
 *
 * Proven devices, which have accepted a message before, have a list of their own: three accounts with made-up endpoints
 * closed FCM for everybody, and however many there are, they must not push the others out of the list.
 */
export class UserReports {
  readonly #proven = new Map<number, UserReport>();
  readonly #unproven = new Map<number, UserReport>();

  /** @returns whether devices of the same kind of several users have reported the same last */
  add(userId: number, { report, isProven }: { readonly report: UserReport; readonly isProven: boolean }): boolean {
    const [reports, others] = isProven ? [this.#proven, this.#unproven] : [this.#unproven, this.#proven];
    keepNewest(reports, { key: userId, value: report, limit: MAX_USERS });
    // A response to one device shows that the push service responds to the user again.
    if (report !== 'failed' && others.get(userId) === 'failed') others.delete(userId);
    let users = 0;
    for (const one of reports.values()) if (one === report) users += 1;
    return users >= (isProven ? AGREEING_USERS.proven : AGREEING_USERS.unproven);
  }

  /** Whether several users reported on proven devices lately. */
  get isShared(): boolean {
    return this.#proven.size > 1;
  }

  /** Whether the last request to a device of the user had no response. */
  hasFailed(userId: number): boolean {
    return this.#proven.get(userId) === 'failed' || this.#unproven.get(userId) === 'failed';
  }

  /** The push service responds again: what was said of its outage does not hold any more. */
  clear(): void {
    this.#proven.clear();
    this.#unproven.clear();
  }
}
