import type { Clock } from '../effects.ts';

/** A clock that also tells a date which nobody sets. */
export interface SteadyClock extends Clock {
  /**
   * Milliseconds since 1970, by the monotonic clock: where somebody sets the wall clock, this goes on as before. What is deleted or
   * given up after a time is counted by it.
   */
  steadyNow(): number;
}

export interface AdjustableSteadyClock extends SteadyClock {
  /** From now on `steadyNow` goes on from `time`, which it showed or should have shown at `elapsed`. */
  continueFrom(time: number, elapsed: number): void;
}

/** It begins with what the wall clock says. */
export function createSteadyClock(clock: Clock): AdjustableSteadyClock {
  let aheadMs = clock.now() - clock.elapsed();
  return {
    now: () => clock.now(),
    elapsed: () => clock.elapsed(),
    after: (delayMs, callback) => clock.after(delayMs, callback),
    // Whole milliseconds, as a store keeps them.
    steadyNow: () => Math.round(clock.elapsed() + aheadMs),
    continueFrom(time, elapsed) {
      aheadMs = time - elapsed;
    },
  };
}
