import type { DeliveryDevice } from '@belfry/store';
import { AGREEING_USERS } from '../agreeing-users.ts';

/** What a page of a broadcast says of its push service. */
export type PageVerdict = 'works' | 'fails' | 'undecided';

/** The devices of a page, and those that were not accepted. */
export interface JudgedPage {
  readonly devices: readonly DeliveryDevice[];
  /** They have to be tried again. */
  readonly retrying: readonly DeliveryDevice[];
  /** Their requests go on after the page. */
  readonly stragglers: readonly DeliveryDevice[];
}

/** Whether a device's endpoint is known to have accepted a message before. */
export type HasAccepted = (device: DeliveryDevice) => boolean;

const MAX_FAILED_USERS = 1_000;

/** Whether so many users are a sign that their push service has a fault. */
export function areSignOfFault(devices: readonly DeliveryDevice[], hasAccepted: HasAccepted): boolean {
  const { proven, unproven } = AGREEING_USERS;
  return usersOf(devices).size >= unproven || usersOf(devices.filter(hasAccepted)).size >= proven;
}

/**
 * Decides from the pages of one push service whether it works. It counts users and not devices, because one user's devices may all be
 * made up. For the same reason it counts devices that were never accepted only where many users have them: twelve accounts with
 * one such device each held a broadcast for 650 s.
 */
export class PageJudge {
  readonly #hasAccepted: HasAccepted;
  /** The users who failed before a back-off, since whole pages were last sent. They do not count again. */
  readonly #failedUsers = new Set<number>();
  /** The other users of whom only unproven devices have failed in probes, since the last back-off. */
  readonly #unprovenUsers = new Set<number>();

  constructor(hasAccepted: HasAccepted) {
    this.#hasAccepted = hasAccepted;
  }

  /** A probe is a page that is to find out whether the push service works again. A single user can answer that. */
  judge({ devices, retrying, stragglers }: JudgedPage, { isProbe }: { readonly isProbe: boolean }): PageVerdict {
    const failing = isProbe ? [...retrying, ...stragglers] : retrying;
    if (devices.length === 0) return 'undecided';
    const users = failing.length * 2 > devices.length ? usersOf(failing) : undefined;
    if (users === undefined || users.size * 2 <= usersOf(devices).size) {
      this.#unprovenUsers.clear();
      return 'works';
    }
    if (!isProbe) return areSignOfFault(failing, this.#hasAccepted) ? 'fails' : 'undecided';
    const counting = failing.filter(({ userId }) => !this.#failedUsers.has(userId));
    if (counting.some(this.#hasAccepted)) return 'fails';
    for (const { userId } of counting) this.#unprovenUsers.add(userId);
    return this.#unprovenUsers.size >= AGREEING_USERS.unproven ? 'fails' : 'undecided';
  }

  /** Whether a probe may go on without these: they would say nothing of the push service. */
  mayLeave(stragglers: readonly DeliveryDevice[]): boolean {
    return stragglers.every((device) => this.#failedUsers.has(device.userId) || !this.#hasAccepted(device));
  }

  /** The push service is left alone for a while after this page. */
  backOff({ retrying, stragglers }: JudgedPage): void {
    if (this.#failedUsers.size >= MAX_FAILED_USERS) this.#failedUsers.clear();
    for (const { userId } of [...retrying, ...stragglers]) this.#failedUsers.add(userId);
    for (const userId of this.#unprovenUsers) this.#failedUsers.add(userId);
    this.#unprovenUsers.clear();
  }

  /** Whole pages are sent again: everybody counts again. */
  reset(): void {
    this.#failedUsers.clear();
    this.#unprovenUsers.clear();
  }
}

function usersOf(devices: readonly DeliveryDevice[]): ReadonlySet<number> {
  return new Set(devices.map(({ userId }) => userId));
}
