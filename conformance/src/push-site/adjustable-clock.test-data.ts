import type { Clock } from '@belfry/push-service';

/** The system's clock, that can be put forward: browsers and senders go by the time of day too. */
export function adjustableClock(): Clock & {
  elapsed(): number;
  /** Sets it ahead by so much, or back. */
  advanceSeconds(seconds: number): void;
  /** Lets so much time pass, though timers go on by the system's clock. */
  elapseSeconds(seconds: number): void;
} {
  let aheadMs = 0;
  let elapsedMs = 0;
  return {
    now: () => Date.now() + aheadMs + elapsedMs,
    elapsed: () => performance.now() + elapsedMs,
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    advanceSeconds(seconds) {
      aheadMs += seconds * 1000;
    },
    elapseSeconds(seconds) {
      elapsedMs += seconds * 1000;
    },
  };
}
