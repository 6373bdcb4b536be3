import type { Clock } from '../effects.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { ConcurrencyWindow } from './concurrency-window.ts';
import type { Connection, ConnectionResult } from './connection.ts';
import type { PendingSend } from './pending-send.ts';
import type { PushAnswer, PushPriority } from './push-transport.ts';

type Refusal = Extract<PushAnswer, { kind: 'not-sent' }>;

/** What is known of an origin: whether anything may be sent to it now, and how much at once. */
export class OriginHealth {
  readonly #clock: Clock;
  readonly #window = new ConcurrencyWindow();
  readonly #breaker = new CircuitBreaker();
  /** Connections whose end was counted: all that one had fails together, and once. */
  readonly #failedConnections = new WeakSet<Connection>();
  /** By `Clock.elapsed`: a clock that is set back must not make a pause longer. */
  #pausedUntilMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  pause(delayMs: number): void {
    this.#pausedUntilMs = this.#clock.elapsed() + delayMs;
  }

  /** The answer to what may not be sent now. */
  refusal(): Refusal | undefined {
    const nowMs = this.#clock.now();
    const pausedMs = this.#pausedUntilMs - this.#clock.elapsed();
    if (pausedMs > 0) return { kind: 'not-sent', reason: 'paused', retryAtMs: nowMs + Math.ceil(pausedMs) };
    const retryAtMs = this.#breaker.heldUntil(nowMs);
    return retryAtMs === undefined ? undefined : { kind: 'not-sent', reason: 'circuit-open', retryAtMs };
  }

  /** Where it was not refused. */
  passed(send: PendingSend): void {
    send.isProbe = this.#breaker.passed();
  }

  /** How many requests may be in flight, where the connections could take `ceiling`. */
  limit(ceiling: number, priority: PushPriority): number {
    return this.#window.limit(ceiling, priority);
  }

  begin(send: PendingSend): void {
    send.startedAtMs = this.#clock.elapsed();
    send.number = this.#window.begin();
  }

  /** @param inFlight how many requests were, this one included */
  ended(
    send: PendingSend,
    result: ConnectionResult,
    { connection, inFlight }: { connection: Connection; inFlight: number },
  ): void {
    const { startedAtMs, number, isTimedOut, isProbe } = send;
    const nowMs = this.#clock.now();
    switch (result.kind) {
      case 'answer':
        this.#breaker.succeeded();
        if (result.status === 429 || result.status === 503) this.#window.overloaded(number);
        else this.#window.answered({ tookMs: this.#clock.elapsed() - startedAtMs, inFlight });
        return;
      case 'unprocessed':
        // Once is how a server shuts down; again and again it is one that has too much.
        if (send.returned > 0) this.#window.overloaded(number);
        return;
      case 'broken':
        if (isTimedOut) this.#window.overloaded(number);
        else if (!connection.isOpen && this.#failedConnections.has(connection)) return;
        this.#failedConnections.add(connection);
        this.#breaker.failed({ nowMs, isProbe });
    }
  }

  connectFailed({ isProbe }: { readonly isProbe: boolean }): void {
    this.#breaker.failed({ nowMs: this.#clock.now(), isProbe });
  }

  /** It was answered, whatever that was: a probe that did not decide leaves that to the next. */
  settled({ isProbe }: PendingSend): void {
    if (isProbe) this.#breaker.undecided();
  }
}
