import type { PushServiceOrigin } from '@belfry/protocol';
import { keepNewest } from '../keep-newest.ts';
import type { Clock } from '../effects.ts';
import { CLOCK_STEP_MS, MAX_REMEMBERED_ORIGINS } from '../limits.ts';

/** How far our clock is ahead of those of push services, where they refused us for that. */
export interface KnownSkews {
  /** 0 where nothing is known. */
  of(origin: PushServiceOrigin): number;
  /** `undefined`: the service's clock does not differ by much. */
  learn(origin: PushServiceOrigin, skewMs: number | undefined): void;
}

interface Skew {
  readonly skewMs: number;
  /** How far the wall clock was ahead of the monotonic one: where somebody sets the clock, what was learnt is wrong. */
  readonly aheadMs: number;
}

export function createKnownSkews(clock: Clock): KnownSkews {
  const skews = new Map<PushServiceOrigin, Skew>();
  const aheadMs = (): number => clock.now() - clock.elapsed();
  return {
    of(origin) {
      const known = skews.get(origin);
      if (known === undefined) return 0;
      if (Math.abs(aheadMs() - known.aheadMs) <= CLOCK_STEP_MS) return known.skewMs;
      skews.delete(origin);
      return 0;
    },
    learn(origin, skewMs) {
      if (skewMs === undefined) skews.delete(origin);
      else keepNewest(skews, { key: origin, value: { skewMs, aheadMs: aheadMs() }, limit: MAX_REMEMBERED_ORIGINS });
    },
  };
}
