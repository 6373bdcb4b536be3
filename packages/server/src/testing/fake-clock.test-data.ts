import type { SteadyClock } from '../date/steady-clock.ts';

/** A clock whose hands the test turns. */
export class FakeClock implements SteadyClock {
  #elapsed = Date.parse('2026-01-01T00:00:00Z');
  #aheadMs = 0;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.#elapsed + this.#aheadMs;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  /** Without what the hands were set. */
  steadyNow(): number {
    return this.#elapsed;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#elapsed + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Somebody sets the clock, by so much; no timer is due for that. */
  jump(ms: number): void {
    this.#aheadMs += ms;
  }

  /** Lets time pass, and calls what is due by then. */
  advance(ms: number): void {
    this.#elapsed += ms;
    const due = [...this.#timers].filter((timer) => timer.at <= this.#elapsed);
    for (const timer of due) {
      this.#timers.delete(timer);
      timer.callback();
    }
  }
}
