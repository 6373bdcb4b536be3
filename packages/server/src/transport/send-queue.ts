import { MAX_IN_FLIGHT_PER_USER } from '../limits.ts';
import { LaneQueue } from './lane-queue.ts';
import { isForSuspects, type Lane, LANES } from './lanes.ts';
import type { PendingSend } from './pending-send.ts';
import type { PushPriority } from './push-transport.ts';
import { UserPlaces } from './user-places.ts';

export interface SendLimits {
  /** How many requests of a priority, and of those before it, may be in flight. */
  of(priority: PushPriority): number;
  /** Whether the user's last request had no response: the next may hang as well. */
  hasFailed(userId: number): boolean;
}

/**
 * The share that one user may have of the places for other lanes than `proven`. Without it, two accounts with 8 hanging requests each
 * filled all 16 places.
 */
const USER_SHARE = 1 / 8;

const UNTRUSTED = LANES.filter((lane) => lane !== 'proven');

export interface SendQueueOptions {
  readonly limits: SendLimits;
  /** Asked each time when a request is put into the queue. */
  laneOf(send: PendingSend): Lane;
}

/**
 * What waits for an origin, and how much of it is in flight: messages take turns, users before broadcasts, and each user has a
 * limit. No lane waits for the connections of another.
 */
export class SendQueue {
  readonly #limits: SendLimits;
  readonly #laneOf: (send: PendingSend) => Lane;
  readonly #users = new UserPlaces();
  readonly #waiting = { user: new LaneQueue<PendingSend>(), broadcast: new LaneQueue<PendingSend>() };
  readonly #inFlight = { user: 0, broadcast: 0 };
  /** Of these, the requests of other lanes than `proven`. */
  #untrusted = 0;
  /** Users with a request that waits in a lane of suspects, and is not parked. */
  readonly #suspects = new Set<number>();

  constructor({ limits, laneOf }: SendQueueOptions) {
    this.#limits = limits;
    this.#laneOf = laneOf;
  }

  get waiting(): number {
    return this.#waiting.user.size + this.#waiting.broadcast.size + this.#users.parked;
  }

  /** How many requests of this lane wait for a connection. In a lane of suspects each of them is another user's, but for those that came back. */
  waitingIn(lane: Lane): number {
    return this.#waiting.user.sizeOf(lane) + this.#waiting.broadcast.sizeOf(lane);
  }

  get inFlight(): number {
    return this.#inFlight.user + this.#inFlight.broadcast;
  }

  get first(): PendingSend | undefined {
    return this.#waiting.user.first() ?? this.#waiting.broadcast.first();
  }

  push(send: PendingSend): void {
    const { userId } = send;
    send.lane = this.#laneOf(send);
    if (userId !== undefined && isForSuspects(send.lane)) {
      if (this.#suspects.has(userId) || !this.#hasPlace(send, userId)) return this.#users.park(send, userId);
      this.#suspects.add(userId);
    }
    this.#waiting[send.priority].push(send);
  }

  /** Before all others, as it has waited already. */
  putBack(send: PendingSend): void {
    send.state = 'waiting';
    send.lane = this.#laneOf(send);
    this.#waiting[send.priority].putBack(send);
  }

  /** It will not begin. What is parked of its user may be waiting for its end alone, and one of that takes its place. */
  drop(send: PendingSend): void {
    this.#remove(send);
    const { userId } = send;
    if (userId !== undefined) this.#passOn(userId);
  }

  #passOn(userId: number): void {
    for (const next of this.#users.passOn(userId, this.#limitOf)) this.push(next);
  }

  #remove(send: PendingSend): void {
    const { userId } = send;
    if (send.isParked && userId !== undefined) return this.#users.remove(send, userId);
    this.#waiting[send.priority].remove(send);
    if (userId !== undefined && isForSuspects(send.lane)) this.#suspects.delete(userId);
  }

  /**
   * What may go now; it stays where it is. Half of the places is for proven devices: others may hang until they time out, and four
   * accounts that have 8 places each filled all 32.
   *
   * @param full lanes whose connections have no room
   */
  next(full: readonly Lane[]): PendingSend | undefined {
    for (;;) {
      const hasRoom = this.#untrusted < this.#untrustedPlaces;
      const without: readonly Lane[] = hasRoom ? full : [...full, ...UNTRUSTED];
      const send = this.#first(without);
      if (send?.userId === undefined) return send;
      if (this.#hasPlace(send, send.userId)) return send;
      this.#remove(send);
      this.#users.park(send, send.userId);
    }
  }

  get #untrustedPlaces(): number {
    return Math.max(1, this.#limits.of('user') / 2);
  }

  /** How many requests of its user may be in flight, itself included. At least 1, since a parked request begins when another one ends. */
  readonly #limitOf = ({ userId, lane }: PendingSend): number => {
    if (userId === undefined) return Number.POSITIVE_INFINITY;
    // One account whose devices hang would have all connections of this lane.
    if (this.#limits.hasFailed(userId) || lane === 'alone') return 1;
    const share = lane === 'proven' ? this.#limits.of('user') / 2 : this.#untrustedPlaces * USER_SHARE;
    return Math.max(1, Math.min(MAX_IN_FLIGHT_PER_USER, share));
  };

  /** Where each user has all the places that there are. */
  #first(without: readonly Lane[]): PendingSend | undefined {
    const user = this.#waiting.user.first(without);
    if (user !== undefined) return this.inFlight < this.#limits.of('user') ? user : undefined;
    const broadcast = this.#waiting.broadcast.first(without);
    if (broadcast === undefined || this.inFlight >= this.#limits.of('user')) return undefined;
    return this.#inFlight.broadcast < this.#limits.of('broadcast') ? broadcast : undefined;
  }

  /** Whether it need not wait for other requests of its user. */
  hasPlace(send: PendingSend): boolean {
    send.lane = this.#laneOf(send);
    return send.userId === undefined || this.#hasPlace(send, send.userId);
  }

  #hasPlace(send: PendingSend, userId: number): boolean {
    return this.#users.of(userId).inFlight < this.#limitOf(send);
  }

  /** How much waits for other requests of its user. */
  parkedOf(userId: number): number {
    return this.#users.of(userId).parked;
  }

  begin(send: PendingSend, state: 'preparing' | 'sending'): void {
    this.#remove(send);
    send.state = state;
    this.#inFlight[send.priority] += 1;
    if (send.lane !== 'proven') this.#untrusted += 1;
    if (send.userId === undefined) return;
    this.#users.begin(send.userId);
    if (isForSuspects(send.lane)) this.#passOn(send.userId);
  }

  end({ priority, userId, lane }: PendingSend): void {
    this.#inFlight[priority] -= 1;
    if (lane !== 'proven') this.#untrusted -= 1;
    if (userId === undefined) return;
    for (const send of this.#users.end(userId, this.#limitOf)) this.push(send);
  }

  /** Takes the first of those that wait, whatever is in flight. */
  take(): PendingSend | undefined {
    const send = this.first;
    if (send !== undefined) this.drop(send);
    return send;
  }

  /** Takes all that waits. */
  takeAll(): PendingSend[] {
    const taken = this.#users.takeAll();
    for (let send = this.take(); send !== undefined; send = this.take()) taken.push(send);
    return taken;
  }

  /** Takes what waits because of the limit of this one's user. */
  takeParked({ userId }: PendingSend): PendingSend[] {
    return userId === undefined ? [] : this.#users.take(userId);
  }
}
