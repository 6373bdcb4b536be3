import type { Clock } from '../effects.ts';
import { IDLE_SESSION_MS, REQUEST_TIMEOUT_MS } from '../limits.ts';
import type { Connection, ConnectionResult } from './connection.ts';
import type { LivePool, LivePools } from './live-pools.ts';
import type { OpenOptions } from './open-connection.ts';
import { ConnectTimeoutError, OriginConnections } from './origin-connections.ts';
import { OriginHealth } from './origin-health.ts';
import type { PendingSend } from './pending-send.ts';
import { RefusedAddressError } from './public-lookup.ts';
import type { PushAnswer } from './push-transport.ts';
import { SendQueue } from './send-queue.ts';

export interface OriginSenderOptions {
  readonly clock: Clock;
  readonly pools: LivePools;
  open(options: OpenOptions): Promise<Connection>;
}

/** How often what a connection gave back unprocessed is sent again. */
const MAX_RETURNS = 2;

const NO_ANSWER: PushAnswer = { kind: 'no-answer', reason: 'connection' };
const TIMEOUT: PushAnswer = { kind: 'no-answer', reason: 'timeout' };
const TOO_LATE: PushAnswer = { kind: 'not-sent', reason: 'too-late' };
const REFUSED_ADDRESS: PushAnswer = { kind: 'not-sent', reason: 'refused-address' };

/**
 * Sends to one origin. What is given to it waits in its queue until neither pause nor circuit breaker holds the origin, its
 * window has room, and so has a connection.
 */
export class OriginSender implements LivePool {
  readonly #clock: Clock;
  readonly #pools: LivePools;
  readonly #queue = new SendQueue();
  readonly #connections: OriginConnections;
  readonly #health: OriginHealth;
  #isIdle = true;
  #isDestroyed = false;
  #stopIdleTimer = (): void => {};

  constructor({ clock, pools, open }: OriginSenderOptions) {
    this.#clock = clock;
    this.#pools = pools;
    this.#health = new OriginHealth(clock);
    this.#connections = new OriginConnections({
      clock,
      open,
      onChange: () => this.start(),
      onFailed: (error) => this.#connectFailed(error),
    });
  }

  /** Nothing would be lost with it but what is known of the origin. */
  get isForgettable(): boolean {
    return this.#isIdle && this.#connections.isEmpty;
  }

  send(send: PendingSend): void {
    const refusal = this.#isDestroyed ? NO_ANSWER : this.#health.refusal();
    if (refusal !== undefined) return this.#settle(send, refusal);
    this.#health.passed(send);
    this.#queue.push(send);
    this.start();
  }

  /** Ends what nobody waits for any more. */
  abort(send: PendingSend): void {
    const { state } = send;
    if (state === 'waiting') this.#queue.remove(send);
    this.#settle(send, NO_ANSWER);
    if (state === 'sending') send.end();
    this.start();
  }

  pause(delayMs: number): void {
    this.#health.pause(delayMs);
    this.#refuseWaiting();
  }

  /** Sends what may go now. */
  start(): void {
    for (;;) {
      const send = this.#queue.next((priority) => this.#health.limit(this.#connections.ceiling, priority));
      if (send !== undefined && this.#clock.elapsed() > send.startBy) {
        this.#queue.remove(send);
        this.#settle(send, TOO_LATE);
        continue;
      }
      if (send === undefined || !this.#pools.use(this)) break;
      const connection = this.#connections.free();
      if (connection === undefined) {
        this.#connections.open(this.#queue.waiting);
        break;
      }
      this.#begin(send, connection);
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
    this.#answerWaiting(NO_ANSWER);
    this.#connections.destroy();
  }

  #begin(send: PendingSend, connection: Connection): void {
    this.#queue.begin(send);
    this.#health.begin(send);
    const stopTimer = this.#clock.after(REQUEST_TIMEOUT_MS, () => {
      send.isTimedOut = true;
      send.end();
    });
    const released = (): void => {
      stopTimer();
      this.#queue.end(send);
      // What came back unprocessed waits again, now that its place is free.
      if (send.state === 'returned') this.#giveBack(send);
      this.start();
    };
    const settled = (result: ConnectionResult): void => this.#ended(send, connection, result);
    try {
      send.end = connection.post(send.request, { settled, released });
    } catch {
      // It cannot even begin, as when a session has used up its stream ids.
      settled({ kind: 'unprocessed' });
      released();
    }
  }

  #ended(send: PendingSend, connection: Connection, result: ConnectionResult): void {
    if (send.state === 'settled') return;
    this.#health.ended(send, result, { connection, inFlight: this.#queue.inFlight });
    switch (result.kind) {
      case 'answer':
        return this.#settle(send, result);
      case 'unprocessed':
        this.#connections.retire(connection);
        send.state = 'returned';
        return;
      case 'broken':
        // A connection that a firewall dropped in silence would be tried until TCP gives up, a quarter of an hour.
        if (send.isTimedOut) this.#connections.retire(connection);
        this.#settle(send, send.isTimedOut ? TIMEOUT : NO_ANSWER);
        this.#refuseWaiting();
    }
  }

  #giveBack(send: PendingSend): void {
    send.returned += 1;
    const refusal = send.isProbe ? undefined : this.#health.refusal();
    if (this.#isDestroyed || send.returned > MAX_RETURNS) this.#settle(send, NO_ANSWER);
    else if (refusal !== undefined) this.#settle(send, refusal);
    else this.#queue.putBack(send);
  }

  #connectFailed(error: unknown): void {
    if (error instanceof RefusedAddressError) return this.#answerWaiting(REFUSED_ADDRESS);
    // Only those that would have gone now: for the others there is another attempt, until the circuit breaker opens.
    const count = Math.min(this.#health.limit(Number.POSITIVE_INFINITY, 'user'), this.#queue.waiting);
    const failed = Array.from({ length: count }, () => this.#queue.take()).filter((send) => send !== undefined);
    this.#health.connectFailed({ isProbe: failed.some(({ isProbe }) => isProbe) });
    const answer = error instanceof ConnectTimeoutError ? TIMEOUT : NO_ANSWER;
    for (const send of failed) this.#settle(send, answer);
    this.#refuseWaiting();
  }

  #refuseWaiting(): void {
    const refusal = this.#health.refusal();
    if (refusal === undefined) return;
    // A probe waits for its connection, and nothing beside it: that a request from before has failed does not answer it.
    if (refusal.reason === 'circuit-open' && this.#queue.first?.isProbe === true) return;
    this.#answerWaiting(refusal);
  }

  #answerWaiting(answer: PushAnswer): void {
    for (let send = this.#queue.take(); send !== undefined; send = this.#queue.take()) this.#settle(send, answer);
    this.#noteIdle();
  }

  #settle(send: PendingSend, answer: PushAnswer): void {
    send.state = 'settled';
    this.#health.settled(send);
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
