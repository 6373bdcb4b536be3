import type { Clock } from '@belfry/push-service';

/** The system's clock, that can be put forward: browsers and senders go by the time of day too. */
export function adjustableClock(): Clock & {
  elapsed(): number;
  advanceSeconds(seconds: number): void;
} {
  let aheadMs = 0;
  return {
    now: () => Date.now() + aheadMs,
    elapsed: () => performance.now(),
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    advanceSeconds(seconds) {
      aheadMs += seconds * 1000;
    },
  };
}
