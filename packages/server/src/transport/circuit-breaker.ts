/** Consecutive failures that open it, where the origin has answered lately. */
const FAILURES = 3;
const BACK_OFF_MS = { first: 1_000, longest: 5 * 60_000 };
/**
 * The same for an origin that has not answered lately. Each attempt has one of `MAX_UNPROVEN_POOLS` places for up to 8 s: with a
 * first back-off of 1 s, 600 dead origins took all places again and again from those that had not been tried yet, and with an
 * hour at last, 5,000 take 11 of 16.
 */
const UNPROVEN_BACK_OFF_MS = { first: 30_000, longest: 3_600_000 };
/** What floods its connection is left alone for so long, though it may have answered in between. */
const FLOOD_BACK_OFF_MS = 60_000;

export interface Failure {
  /** By `Clock.elapsed`. */
  readonly nowMs: number;
  readonly isProbe: boolean;
  /** The origin has answered lately. Else one failure opens, and the back-off grows longer. */
  readonly hasAnswered: boolean;
}

/**
 * Leaves an origin alone that fails again and again. All times are by `Clock.elapsed`.
 *
 * - closed: everything passes. `FAILURES` failures without an answer between them open it
 * - open: nothing passes until the back-off is over
 * - probing: one request passes, and decides: an answer closes, a failure opens for twice as long
 */
export class CircuitBreaker {
  #state: 'closed' | 'open' | 'probing' = 'closed';
  #failures = 0;
  #backOffMs = 0;
  #openUntilMs = 0;

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** The present back-off; 0 where it is closed. */
  get backOffMs(): number {
    return this.#backOffMs;
  }

  /** How long nothing may pass; undefined where a request may pass now, which `passed` must be told. */
  heldForMs(nowMs: number): number | undefined {
    switch (this.#state) {
      case 'closed':
        return undefined;
      case 'open':
        return nowMs < this.#openUntilMs ? this.#openUntilMs - nowMs : undefined;
      case 'probing':
        return this.#backOffMs;
    }
  }

  /** Whether the request that passes is the probe, whose end must then be told. */
  passed(): boolean {
    if (this.#state !== 'open') return false;
    this.#state = 'probing';
    return true;
  }

  succeeded(): void {
    this.#state = 'closed';
    this.#failures = 0;
    this.#backOffMs = 0;
  }

  failed({ nowMs, isProbe, hasAnswered }: Failure): void {
    this.#failures += 1;
    // Failures of requests that were on their way when it opened say nothing new.
    if (this.#state === 'closed' ? this.#failures < (hasAnswered ? FAILURES : 1) : !isProbe) return;
    const { first, longest } = hasAnswered ? BACK_OFF_MS : UNPROVEN_BACK_OFF_MS;
    this.#open(nowMs, Math.min(Math.max(this.#backOffMs * 2, first), longest));
  }

  /** The origin flooded a connection: one such failure opens, whatever was answered before. */
  flooded(nowMs: number): void {
    this.#open(nowMs, Math.max(this.#backOffMs, FLOOD_BACK_OFF_MS));
  }

  /** The probe was given up: the next request is one. */
  undecided(): void {
    if (this.#state === 'probing') this.#state = 'open';
  }

  #open(nowMs: number, backOffMs: number): void {
    this.#state = 'open';
    this.#backOffMs = backOffMs;
    this.#openUntilMs = nowMs + backOffMs;
  }
}
