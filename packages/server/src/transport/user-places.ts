import { LinkedQueue } from './linked-queue.ts';
import type { PendingSend } from './pending-send.ts';

interface Places {
  inFlight: number;
  /** What waits until fewer requests of the user are in flight. */
  readonly parked: LinkedQueue<PendingSend>;
}

/**
 * How many requests of each user are in flight to one origin, and what waits because these are too many. A request that hangs
 * keeps its place for `REQUEST_TIMEOUT_MS`: without a limit, one user's 50 devices that hang would take all places of the origin.
 */
export class UserPlaces {
  readonly #users = new Map<number, Places>();
  #parked = 0;

  get parked(): number {
    return this.#parked;
  }

  /** How many requests of the user are in flight, and how many are parked. */
  of(userId: number): { readonly inFlight: number; readonly parked: number } {
    const user = this.#users.get(userId);
    return { inFlight: user?.inFlight ?? 0, parked: user?.parked.size ?? 0 };
  }

  begin(userId: number): void {
    this.#userOf(userId).inFlight += 1;
  }

  /**
   * @param limitOf how many requests of the user may be in flight, such a request included
   * @returns what no longer waits
   */
  end(userId: number, limitOf: (send: PendingSend) => number): PendingSend[] {
    const user = this.#userOf(userId);
    user.inFlight -= 1;
    return this.#unpark(userId, (send, unparked) => user.inFlight + unparked < limitOf(send));
  }

  /** One that was to begin will not: `end` without an end. */
  passOn(userId: number, limitOf: (send: PendingSend) => number): PendingSend[] {
    const user = this.#users.get(userId);
    if (user === undefined) return [];
    return this.#unpark(userId, (send, unparked) => unparked === 0 && user.inFlight < limitOf(send));
  }

  /** One request of the user at least waits or is in flight. Its begin or its end brings this one back. */
  park(send: PendingSend, userId: number): void {
    send.isParked = true;
    this.#userOf(userId).parked.push(send);
    this.#parked += 1;
  }

  remove(send: PendingSend, userId: number): void {
    send.isParked = false;
    this.#userOf(userId).parked.remove(send);
    this.#parked -= 1;
  }

  takeAll(): PendingSend[] {
    return [...this.#users.keys()].flatMap((userId) => this.take(userId));
  }

  /** All that is parked of the user. */
  take(userId: number): PendingSend[] {
    return this.#unpark(userId, () => true);
  }

  /** Takes the first of those that wait, and so on, until one may not begin beside those that were taken. */
  #unpark(userId: number, mayBegin: (send: PendingSend, unparked: number) => boolean): PendingSend[] {
    const user = this.#userOf(userId);
    const unparked: PendingSend[] = [];
    for (let send = user.parked.first; send !== undefined; send = user.parked.first) {
      if (!mayBegin(send, unparked.length)) break;
      this.remove(send, userId);
      unparked.push(send);
    }
    if (user.inFlight === 0 && user.parked.size === 0) this.#users.delete(userId);
    return unparked;
  }

  #userOf(userId: number): Places {
    const known = this.#users.get(userId);
    if (known !== undefined) return known;
    const user = { inFlight: 0, parked: new LinkedQueue<PendingSend>() };
    this.#users.set(userId, user);
    return user;
  }
}
