import { setTimeout as sleep } from 'node:timers/promises';
import { TestingError } from './errors.ts';

/** Time as `waitUntil` uses it. */
export interface WaitClock {
  readonly nowMs: () => number;
  readonly sleep: (durationMs: number) => Promise<unknown>;
}

export interface WaitUntilOptions {
  readonly timeoutMs: number;
  /** Default 25. Reading every alert window takes Firefox about 5 ms. */
  readonly intervalMs?: number;
  /** Ends the sentence "Waited 5000 ms for …"; called only at the deadline. */
  readonly describe: () => string;
  readonly clock?: WaitClock;
}

const systemClock: WaitClock = { nowMs: () => performance.now(), sleep: (durationMs) => sleep(durationMs) };

/**
 * Asks `check` again and again until it returns something other than `undefined`. For what a browser has no event for.
 *
 * @throws TestingError `wait-timeout` at the deadline. `check` is asked at least once, and what it throws is passed on.
 */
export async function waitUntil<T>(check: () => Promise<T | undefined>, options: WaitUntilOptions): Promise<T> {
  const { timeoutMs, intervalMs = 25, describe, clock = systemClock } = options;
  const deadline = clock.nowMs() + timeoutMs;
  for (;;) {
    const result = await check();
    if (result !== undefined) return result;
    if (clock.nowMs() >= deadline) throw new TestingError('wait-timeout', `Waited ${timeoutMs} ms for ${describe()}`);
    await clock.sleep(intervalMs);
  }
}
