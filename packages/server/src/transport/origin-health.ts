import type { Clock } from '../effects.ts';
import {
  CONNECT_TIMEOUT_MS,
  PROVEN_MS,
  REQUEST_TIMEOUT_MS,
  UNPROVEN_CONNECT_TIMEOUT_MS,
  UNPROVEN_REQUEST_TIMEOUT_MS,
  USER_RETRY_MS,
} from '../limits.ts';
import { type BrokenRequest, NO_ANSWER, type NoAnswer, noAnswerTo } from './no-answer-to.ts';
import { CircuitBreaker, type OriginTrust, PROBE_TIMEOUT_MS, UNCONTESTED_PROBE_MS } from './circuit-breaker.ts';
import { ConcurrencyWindow } from './concurrency-window.ts';
import type { Connection, ConnectionResult } from './connection.ts';
import { ConnectionEnders, type EnderDevice } from './connection-enders.ts';
import type { Lane } from './lanes.ts';
import type { WantedConnections } from './wanted-connections.ts';
import { type PendingSend, pathOf } from './pending-send.ts';
import type { PushAnswer, PushPriority } from './push-transport.ts';
import { type UserReport, UserReports } from './user-reports.ts';

export type Refusal = Extract<PushAnswer, { kind: 'not-sent' }>;

export interface OriginHealthOptions {
  readonly clock: Clock;
  /** It is a known push service: proven from the start, and always. */
  readonly isKnown: boolean;
  /** Between 0 and 1. */
  random(): number;
}

/** What is known of an origin: whether anything may be sent to it now, and how much at once. All times are by `Clock.elapsed`. */
export class OriginHealth {
  readonly #clock: Clock;
  readonly #isKnown: boolean;
  readonly #random: () => number;
  readonly #window = new ConcurrencyWindow();
  readonly #breaker = new CircuitBreaker();
  readonly #reports = new UserReports();
  readonly #enders = new ConnectionEnders();
  /** Connections whose end was counted: all that one had fails together, and once. */
  readonly #failedConnections = new WeakSet<Connection>();
  #pausedUntilMs = 0;
  #answeredAtMs = Number.NEGATIVE_INFINITY;
  #hasAccepted = false;
  #stopProbeTimer = (): void => {};

  constructor({ clock, isKnown, random }: OriginHealthOptions) {
    this.#clock = clock;
    this.#isKnown = isKnown;
    this.#random = random;
  }

  /** It is known, or has answered within the last hour, and does not fail now. */
  get isProven(): boolean {
    return this.#isKnown || (this.#hasAnswered && this.#breaker.isClosed);
  }

  /** It has accepted a message at some time. */
  get hasAccepted(): boolean {
    return this.#hasAccepted;
  }

  /** Its circuit breaker is not closed. */
  get isFailing(): boolean {
    return !this.#breaker.isClosed;
  }

  /** How it is connected to. */
  get attempt(): Pick<WantedConnections, 'timeoutMs' | 'isProven'> {
    const timeoutMs = this.#hasAnswered ? CONNECT_TIMEOUT_MS : UNPROVEN_CONNECT_TIMEOUT_MS;
    return { timeoutMs, isProven: this.isProven };
  }

  get requestTimeoutMs(): number {
    return this.#hasAnswered ? REQUEST_TIMEOUT_MS : UNPROVEN_REQUEST_TIMEOUT_MS;
  }

  get #hasAnswered(): boolean {
    return this.#isKnown || this.#clock.elapsed() - this.#answeredAtMs < PROVEN_MS;
  }

  get #trust(): OriginTrust {
    if (this.#hasAnswered) return 'answered';
    return this.#hasAccepted ? 'accepted' : 'none';
  }

  /** It has accepted a message at some time, perhaps from an earlier process. */
  noteAccepted(): void {
    if (this.#hasAccepted) return;
    this.#hasAccepted = true;
    this.#breaker.accepted(this.#clock.elapsed());
  }

  pause(delayMs: number): void {
    this.#pausedUntilMs = this.#clock.elapsed() + delayMs;
  }

  /** The answer to what may not be sent now. */
  refusal(): Refusal | undefined {
    const nowMs = this.#clock.elapsed();
    const pausedMs = this.#pausedUntilMs - nowMs;
    if (pausedMs > 0) return { kind: 'not-sent', reason: 'paused', retryAfterMs: Math.ceil(pausedMs) };
    const held = this.#breaker.held(nowMs);
    if (held === undefined) return undefined;
    // Spread: what waits would otherwise come all at once, and one of it is let through.
    const retryAfterMs = Math.ceil(held.forMs + held.spreadMs * this.#random());
    return { kind: 'not-sent', reason: 'circuit-open', retryAfterMs };
  }

  /** The answer to what finds no place, though nothing holds the origin. One that has failed is in no hurry. */
  busy(retryAfterMs: () => number): Refusal {
    const { backOffMs } = this.#breaker;
    const delayMs = this.isFailing ? Math.ceil(backOffMs * (1 + this.#random())) : retryAfterMs();
    return { kind: 'not-sent', reason: 'busy', retryAfterMs: delayMs };
  }

  /** The answer to what waits for one user's devices, where these are too many or hang. */
  userBusy(): Refusal {
    return { kind: 'not-sent', reason: 'user-busy', retryAfterMs: Math.ceil(USER_RETRY_MS * (1 + this.#random())) };
  }

  /** Where it has not answered lately, requests go one at a time, and separate connections would only be more attempts. */
  laneOf({ userId, hasAccepted }: PendingSend): Lane {
    if (userId === undefined || !this.#hasAnswered) return 'proven';
    const lane = this.#enders.laneOf(userId, this.#clock.elapsed());
    if (lane !== undefined) return lane;
    if (this.#reports.hasFailed(userId)) return 'failing';
    return hasAccepted ? 'proven' : 'unproven';
  }

  /** The result of a request that ended without a response. */
  unanswered(send: PendingSend, result: BrokenRequest): NoAnswer {
    return noAnswerTo(send, result, this.#random);
  }

  /**
   * Whether a request may be the one that decides whether the breaker closes. It says nothing if it hangs, and all others wait
   * for it, where it is for an unproven device of a user whose last request had no response: such devices kept a push service
   * closed by being the first again and again. Once nobody else has come for a while it may, as there may be nobody else.
   */
  mayProbe({ userId, hasAccepted }: PendingSend): boolean {
    if (userId === undefined || this.#trust === 'none') return true;
    const mayHang = !hasAccepted && this.#reports.hasFailed(userId);
    if (!mayHang && !this.#enders.hasEnded(userId, this.#clock.elapsed())) return true;
    return this.#breaker.dueForMs(this.#clock.elapsed()) >= UNCONTESTED_PROBE_MS;
  }

  /** Where it was not refused. */
  passed(send: PendingSend): void {
    send.isProbe = this.#breaker.passed();
  }

  /** How many requests may be in flight, where the connections could take `ceiling`. */
  limit(ceiling: number, priority: PushPriority): number {
    if (!this.#hasAnswered) return 1;
    return this.#window.limit(ceiling, priority);
  }

  /** Whether the user's last request had no response. */
  hasFailed(userId: number): boolean {
    return this.#reports.hasFailed(userId);
  }

  /** Whether nothing is sent to the user's devices now: a connection was flooded for one of them. */
  holds(userId: number): boolean {
    return this.#enders.isHeld(userId, this.#clock.elapsed());
  }

  /** @param probeIsLate called where it is a probe that has no response in time; its request goes on */
  begin(send: PendingSend, probeIsLate: () => void): void {
    send.startedAtMs = this.#clock.elapsed();
    send.number = this.#window.begin();
    send.isAfterFailure = send.userId !== undefined && (send.lane === 'alone' || this.#reports.hasFailed(send.userId));
    if (!send.isProbe) return;
    this.#stopProbeTimer = this.#clock.after(PROBE_TIMEOUT_MS, () => {
      this.#probeFailed(send);
      send.isProbe = false;
      probeIsLate();
    });
  }

  #probeFailed(send: PendingSend): void {
    if (this.#streamSpeaksForAll(send)) this.failed(send);
    else this.#breaker.undecided(this.#clock.elapsed());
  }

  /** @param inFlight how many requests were, this one included */
  ended(
    send: PendingSend,
    result: ConnectionResult,
    { connection, inFlight }: { connection: Connection; inFlight: number },
  ): void {
    const { startedAtMs, number, isTimedOut } = send;
    if (send.isProbe) this.#stopProbeTimer();
    switch (result.kind) {
      case 'answer':
        this.#answeredAtMs = this.#clock.elapsed();
        if (send.userId !== undefined) this.#enders.answered({ userId: send.userId, path: pathOf(send) });
        if (this.isFailing) {
          this.#reports.clear();
          this.#enders.clear();
        }
        this.#breaker.succeeded();
        if (result.status >= 200 && result.status < 300) this.#hasAccepted = true;
        if (result.status === 429 || result.status === 503) {
          if (this.#report(send, 'overloaded')) this.#window.overloaded(number);
        } else {
          this.#report(send, 'answered');
          this.#window.answered({ tookMs: this.#clock.elapsed() - startedAtMs, inFlight });
        }
        return;
      case 'unprocessed':
        // Once is how a server shuts down; again and again it is one that has too much, or that refuses one user's streams.
        // The end of the connection may be another request's doing.
        if (send.returned > 0 && connection.isOpen && this.#report(send, 'overloaded')) this.#window.overloaded(number);
        return;
      case 'broken': {
        if (result.suspects > 1 && send.userId !== undefined && !send.isProbe) {
          // It says nothing of the push service: else one account would speak with the voices of all who share its connections.
          return this.suspect([{ userId: send.userId, path: pathOf(send), lane: send.lane }], result.suspects);
        }
        // What ended may be the device's doing, also where it is the connection.
        if (!this.#streamSpeaksForAll(send)) {
          if (send.userId === undefined || isTimedOut || connection.isOpen) return;
          if (result.isFlood) this.#enders.flooded(send.userId, this.#clock.elapsed());
          else this.#enders.ended(send.userId, this.#clock.elapsed());
          return;
        }
        if (result.isFlood && !send.isProbe) return this.#breaker.flooded(this.#clock.elapsed());
        if (isTimedOut) this.#window.overloaded(number);
        else if (!connection.isOpen) {
          if (this.#failedConnections.has(connection)) return;
          this.#failedConnections.add(connection);
        }
        this.failed(send);
      }
    }
  }

  /**
   * Connections gave it back unprocessed, again and again. Another user's request may be the cause, until it is alone on the last of these
   * connections. Its server then lets in none of its requests, and is no better than one that does not respond.
   */
  gaveUp(send: PendingSend): NoAnswer {
    const { userId, lane, isProbe } = send;
    if (userId === undefined || lane === 'alone' || isProbe || !this.#hasAnswered) {
      if (this.#streamSpeaksForAll(send)) this.failed(send);
      return NO_ANSWER;
    }
    // The next lane in any case: without this, such a message came again each second until it expired.
    this.suspect([{ userId, path: pathOf(send), lane }], Number.POSITIVE_INFINITY);
    return noAnswerTo(send, { suspects: 2 }, this.#random);
  }

  /**
   * One user's devices alone do not open the breaker. Unproven devices of a few users do not keep it open either, where they fail
   * as probes; a proven one does, since otherwise a push service that hangs would be asked all the time.
   */
  #streamSpeaksForAll(send: PendingSend): boolean {
    const isShared = this.#report(send, 'failed');
    return isShared || this.#trust === 'none' || (send.isProbe && send.hasAccepted);
  }

  /** What the application sends for itself, without a user, counts as what all say. */
  #report({ userId, hasAccepted }: PendingSend, report: UserReport): boolean {
    return userId === undefined || this.#reports.add(userId, { report, isProven: hasAccepted });
  }

  /** It could not be connected to, or what it was sent has failed. */
  failed({ isProbe }: { readonly isProbe: boolean }): void {
    this.#breaker.failed({ nowMs: this.#clock.elapsed(), isProbe, trust: this.#trust });
  }

  /** A connection ended, or was flooded, perhaps because of requests to these devices, which are some of so many. */
  suspect(devices: readonly EnderDevice[], suspects: number): void {
    const nowMs = this.#clock.elapsed();
    for (const device of devices) this.#enders.interrupted(device, { nowMs, suspects });
  }

  /**
   * A connection was flooded while no request waited for a response. If all its requests were one user's, that user is held. If not,
   * the origin is held only where nobody else is known to use it, since one account must not stop a push service for all.
   *
   * @param only the user of all its requests; undefined where there are several
   */
  idleFlood(only: number | undefined): void {
    if (only !== undefined) return this.#enders.flooded(only, this.#clock.elapsed());
    if (!this.#isKnown && !this.#reports.isShared) this.#breaker.flooded(this.#clock.elapsed());
  }

  /** A probe that did not decide leaves that to the next. */
  settled({ isProbe }: PendingSend): void {
    if (!isProbe) return;
    this.#stopProbeTimer();
    this.#breaker.undecided(this.#clock.elapsed());
  }
}
