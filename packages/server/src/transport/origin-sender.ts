import type { PushRequest } from '@belfry/protocol';
import type { Clock } from '../effects.ts';
import { IDLE_SESSION_MS, MAX_PARKED_PER_USER, MAX_WAITING_UNPROVEN, RESPONSE_BODY_TIMEOUT_MS } from '../limits.ts';
import type { Connection, ConnectionResult } from './connection.ts';
import type { Lane } from './lanes.ts';
import type { LivePool, LivePools } from './live-pools.ts';
import { ConnectTimeoutError, type OpenOptions } from './open-connection.ts';
import { OriginConnections } from './origin-connections.ts';
import { OriginHealth, type OriginHealthOptions, type Refusal } from './origin-health.ts';
import { NO_ANSWER, type NoAnswer } from './no-answer-to.ts';
import { notToBegin, type PendingSend } from './pending-send.ts';
import { RefusedAddressError } from './public-lookup.ts';
import type { PushAnswer, PushPriority, UnpreparedRequest } from './push-transport.ts';
import { SendQueue } from './send-queue.ts';
import { withRemainingTtl } from './with-remaining-ttl.ts';

export interface OriginSenderOptions extends OriginHealthOptions {
  readonly pools: LivePools;
  /** When a message that finds no place for its unproven origin is to come again. */
  retryAfterMs(): number;
  open(options: OpenOptions): Promise<Connection>;
}

/** How often what a connection gave back unprocessed is sent again. */
const MAX_RETURNS = 2;

/** Sends to one origin. Each request waits until nothing holds the origin, and its window and a connection have room. */
export class OriginSender implements LivePool {
  readonly health: OriginHealth;
  readonly #clock: Clock;
  readonly #pools: LivePools;
  readonly #retryAfterMs: () => number;
  readonly #queue: SendQueue;
  readonly #connections: OriginConnections;
  #isIdle = true;
  #isDestroyed = false;
  #stopIdleTimer = (): void => {};

  constructor({ pools, open, retryAfterMs, ...options }: OriginSenderOptions) {
    this.#clock = options.clock;
    this.#pools = pools;
    this.#retryAfterMs = retryAfterMs;
    this.health = new OriginHealth(options);
    const limits = {
      of: (priority: PushPriority) => this.health.limit(this.#connections.ceiling, priority),
      hasFailed: (userId: number) => this.health.hasFailed(userId),
    };
    this.#queue = new SendQueue({ limits, laneOf: (send) => this.health.laneOf(send) });
    this.#connections = new OriginConnections({
      clock: options.clock,
      open,
      onChange: () => this.start(),
      onFailed: (error) => this.#connectFailed(error),
      onSuspects: (devices, suspects) => this.health.suspect(devices, suspects),
      onIdleFlood: (userId) => {
        this.health.idleFlood(userId);
        this.#refuseWaiting();
      },
    });
  }

  get isProven(): boolean {
    return this.health.isProven;
  }

  get isFailing(): boolean {
    return this.health.isFailing;
  }

  get isConnected(): boolean {
    return this.#connections.isUp;
  }

  /** Nothing would be lost with it but what is known of the origin. */
  get isForgettable(): boolean {
    return this.#isIdle && this.#connections.isEmpty;
  }

  /** How many of those that wait would go now if there were connections for them. */
  get #mayGo(): number {
    return Math.min(this.health.limit(Number.POSITIVE_INFINITY, 'user'), this.#queue.waiting);
  }

  /** Why nothing may be sent now. Asked before a message is encrypted, which costs more than all the rest of a refusal. */
  refusal(): Refusal | undefined {
    const refusal = this.health.refusal();
    if (refusal !== undefined || this.isProven) return refusal;
    const hasRoom = this.#queue.waiting < MAX_WAITING_UNPROVEN && this.#pools.hasRoomFor(this);
    return hasRoom ? undefined : this.health.busy(this.#retryAfterMs);
  }

  send(send: PendingSend): void {
    const refusal = this.#isDestroyed ? NO_ANSWER : (this.refusal() ?? this.#userRefusal(send));
    if (refusal !== undefined) return this.#settle(send, refusal);
    this.health.passed(send);
    this.#queue.push(send);
    this.start();
  }

  /** Ends what nobody waits for any more. */
  abort(send: PendingSend): void {
    const { state } = send;
    if (state === 'waiting') this.#queue.drop(send);
    if (state === 'preparing') this.#queue.end(send);
    this.#settle(send, NO_ANSWER);
    if (state === 'sending') send.end();
    this.start();
  }

  pause(delayMs: number): void {
    this.health.pause(delayMs);
    this.#refuseWaiting();
  }

  /** Sends what may go now. */
  start(): void {
    const full: Lane[] = [];
    for (;;) {
      const send = this.#queue.next(full);
      if (send === undefined) break;
      const unsent = notToBegin(send, this.#clock.elapsed());
      if (unsent !== undefined) {
        this.#queue.drop(send);
        this.#settle(send, unsent);
        continue;
      }
      const use = this.#pools.use(this);
      // An unproven origin does not wait for a place: hundreds of them would keep all that is for them in memory.
      if (use === 'refused') this.#answerWaiting(() => this.health.busy(this.#retryAfterMs));
      if (use !== 'live') break;
      const connection = this.#connections.free(send);
      if (connection === undefined) {
        const inLane = this.#queue.waitingIn(send.lane);
        this.#connections.open({ ...this.health.attempt, requests: this.#mayGo, inLane, lane: send.lane });
        full.push(send.lane);
        continue;
      }
      if ('prepare' in send.request) void this.#prepare(send, send.request);
      else this.#begin(send, send.request, connection);
    }
    this.#noteIdle();
  }

  stop(): void {
    this.#stopIdleTimer();
    this.#connections.close();
    this.#noteIdle();
  }

  /** Ends everything. */
  destroy(): void {
    this.#isDestroyed = true;
    this.#stopIdleTimer();
    this.#answerWaiting(() => NO_ANSWER);
    this.#connections.destroy();
  }

  /** Keeps its place meanwhile, so that no more is prepared than can be sent. */
  async #prepare(send: PendingSend, unprepared: UnpreparedRequest): Promise<void> {
    this.#queue.begin(send, 'preparing');
    try {
      send.request = await unprepared.prepare();
      if (send.state !== 'preparing') return;
      this.#queue.end(send);
      const refusal = this.#isDestroyed ? NO_ANSWER : send.isProbe ? undefined : this.health.refusal();
      if (refusal === undefined) this.#queue.putBack(send);
      else this.#settle(send, refusal);
    } catch (error) {
      if (send.state !== 'preparing') return;
      this.#queue.end(send);
      send.state = 'settled';
      this.health.settled(send);
      send.fail(error);
    }
    this.start();
  }

  #begin(send: PendingSend, request: PushRequest, connection: Connection): void {
    this.#queue.begin(send, 'sending');
    this.#connections.begin(connection, { userId: send.userId, path: request.path, lane: send.lane });
    // Its connection may be one that a firewall has dropped, and so may the others: the next probe gets a new one.
    this.health.begin(send, () => this.#connections.close());
    let stopTimer = this.#clock.after(this.health.requestTimeoutMs, () => {
      send.isTimedOut = true;
      send.end();
    });
    const hasBody = (): void => {
      stopTimer();
      stopTimer = this.#clock.after(RESPONSE_BODY_TIMEOUT_MS, () => send.end());
    };
    const released = (): void => {
      stopTimer();
      this.#queue.end(send);
      // What came back unprocessed waits again, now that its place is free.
      if (send.state === 'returned') this.#giveBack(send);
      this.start();
    };
    const settled = (result: ConnectionResult): void => this.#ended(send, connection, result);
    try {
      send.end = connection.post(withRemainingTtl(request, send), { hasBody, settled, released });
    } catch {
      // It cannot even begin, as when a session has used up its stream ids.
      settled({ kind: 'unprocessed' });
      released();
    }
  }

  #ended(send: PendingSend, connection: Connection, ended: ConnectionResult): void {
    if (send.state === 'settled') return;
    const result = this.#connections.judge(connection, ended);
    this.health.ended(send, result, { connection, inFlight: this.#queue.inFlight });
    switch (result.kind) {
      case 'answer':
        return this.#settle(send, result);
      case 'unprocessed':
        // A refused stream says nothing of the connection, which others use.
        if (send.returned > 0) this.#connections.gaveBackAgain(connection);
        if (send.returned > 0 || !connection.isOpen) this.#connections.retire(connection);
        send.state = 'returned';
        return;
      case 'broken':
        // A connection that a firewall dropped in silence would be tried until TCP gives up, a quarter of an hour.
        if (send.isTimedOut) this.#connections.retire(connection);
        this.#unanswered(send, this.#isDestroyed ? NO_ANSWER : this.health.unanswered(send, result));
        this.#refuseWaiting();
    }
  }

  #userRefusal(send: PendingSend): PushAnswer | undefined {
    const { userId } = send;
    if (userId === undefined) return undefined;
    const mayWait = this.#queue.parkedOf(userId) < MAX_PARKED_PER_USER && !this.health.holds(userId);
    // What passes a breaker that is not closed is the probe, for which all wait. It must not wait for the user's other requests.
    const isFree = this.isFailing ? this.#queue.hasPlace(send) && this.health.mayProbe(send) : mayWait;
    return isFree ? undefined : this.health.userBusy();
  }

  /** What waits for the same user would likely hang as well, one after the other. It does not where another request may be the cause. */
  #unanswered(send: PendingSend, answer: NoAnswer): void {
    this.#settle(send, answer);
    if (answer.reason === 'interrupted') return;
    for (const parked of this.#queue.takeParked(send)) this.#settle(parked, this.health.userBusy());
  }

  #giveBack(send: PendingSend): void {
    send.returned += 1;
    const refusal = send.isProbe ? undefined : this.health.refusal();
    if (send.returned > MAX_RETURNS) {
      this.#settle(send, this.health.gaveUp(send));
      this.#refuseWaiting();
    } else if (this.#isDestroyed) this.#settle(send, NO_ANSWER);
    else if (refusal !== undefined) this.#settle(send, refusal);
    else this.#queue.putBack(send);
  }

  #connectFailed(error: unknown): void {
    if (error instanceof RefusedAddressError) {
      return this.#answerWaiting(() => ({ kind: 'not-sent', reason: 'refused-address' }));
    }
    // Only those that would have gone now: for the others there is another attempt, until the circuit breaker opens.
    const failed = Array.from({ length: this.#mayGo }, () => this.#queue.take()).filter((send) => send !== undefined);
    this.health.failed({ isProbe: failed.some(({ isProbe }) => isProbe) });
    const reason = error instanceof ConnectTimeoutError ? 'timeout' : 'connection';
    for (const send of failed) this.#settle(send, { kind: 'no-answer', reason });
    this.#refuseWaiting();
  }

  #refuseWaiting(): void {
    const refusal = this.health.refusal();
    if (refusal === undefined) return;
    // A probe waits for its connection, and nothing beside it: that a request from before has failed does not answer it.
    if (refusal.reason === 'circuit-open' && this.#queue.first?.isProbe === true) return;
    this.#answerWaiting(() => this.health.refusal() ?? refusal);
  }

  /** Asks for the answer to each: what is to be tried again is not to come back all at once. */
  #answerWaiting(answer: () => PushAnswer): void {
    for (const send of this.#queue.takeAll()) this.#settle(send, answer());
    this.#noteIdle();
  }

  #settle(send: PendingSend, answer: PushAnswer): void {
    send.state = 'settled';
    this.health.settled(send);
    send.settle(answer);
  }

  /** Idle connections are kept for a while, as long as no other origin needs their place. */
  #noteIdle(): void {
    const isIdle = this.#queue.waiting + this.#queue.inFlight === 0;
    const hasEnded = isIdle && this.#connections.isEmpty;
    if (hasEnded) this.#pools.gone(this);
    else if (isIdle && !this.#isIdle) this.#pools.idle(this);
    if (isIdle !== this.#isIdle || hasEnded) this.#stopIdleTimer();
    if (isIdle && !this.#isIdle && !hasEnded && !this.#isDestroyed) {
      this.#stopIdleTimer = this.#clock.after(IDLE_SESSION_MS, () => this.stop());
    }
    this.#isIdle = isIdle;
  }
}
