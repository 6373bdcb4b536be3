/** Consecutive failures that open it. */
const FAILURES = 3;
const FIRST_BACK_OFF_MS = 1_000;
const LONGEST_BACK_OFF_MS = 5 * 60_000;

/**
 * Leaves an origin alone that fails again and again.
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

  /** When it is worth another try, ms since 1970; undefined where a request may pass now, which `passed` must be told. */
  heldUntil(nowMs: number): number | undefined {
    switch (this.#state) {
      case 'closed':
        return undefined;
      case 'open':
        return nowMs < this.#openUntilMs ? this.#openUntilMs : undefined;
      case 'probing':
        return nowMs + this.#backOffMs;
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

  failed({ nowMs, isProbe }: { readonly nowMs: number; readonly isProbe: boolean }): void {
    this.#failures += 1;
    // Failures of requests that were on their way when it opened say nothing new.
    if (this.#state === 'closed' ? this.#failures < FAILURES : !isProbe) return;
    this.#state = 'open';
    this.#backOffMs = Math.min(Math.max(this.#backOffMs * 2, FIRST_BACK_OFF_MS), LONGEST_BACK_OFF_MS);
    this.#openUntilMs = nowMs + this.#backOffMs;
  }

  /** The probe was given up: the next request is one. */
  undecided(): void {
    if (this.#state === 'probing') this.#state = 'open';
  }
}
