import { keepNewest } from '../keep-newest.ts';

/** How the last request to one of a user's devices ended: with a response, with 429 or 503, or without a response. */
export type UserReport = 'answered' | 'overloaded' | 'failed';

/** Users whose last report is remembered. */
const MAX_USERS = 32;
/** So many of them say the same: 9 % of the traffic, and more than one person with a second account. */
const AGREEING_USERS = 3;

/**
 * Tells the trouble of a push service from that of one user's devices. Whoever is signed in can save endpoints that always
 * return 429 or reset their streams, so each user has one voice, however many requests go to that user's devices.
 */
export class UserReports {
  readonly #reports = new Map<number, UserReport>();

  /** @returns whether the user's last report was another one */
  add(userId: number, report: UserReport): boolean {
    const isNew = this.#reports.get(userId) !== report;
    keepNewest(this.#reports, { key: userId, value: report, limit: MAX_USERS });
    return isNew;
  }

  /** Whether this is the last report of several users. */
  isShared(report: UserReport): boolean {
    let users = 0;
    for (const one of this.#reports.values()) if (one === report) users += 1;
    return users >= AGREEING_USERS;
  }

  hasFailed(userId: number): boolean {
    return this.#reports.get(userId) === 'failed';
  }
}
