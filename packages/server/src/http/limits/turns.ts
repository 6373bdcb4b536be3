import type { Clock } from '../../effects.ts';
import { TURN_BURST_MS } from '../../limits.ts';

/** Turns that requests take, so many a second. */
export interface Turns {
  /** False where none is left. */
  take(): boolean;
  /** Whoever took a turn turned out not to need one. */
  giveBack(): void;
}

export function createTurns({ perSecond, clock }: { readonly perSecond: number; readonly clock: Clock }): Turns {
  const most = (perSecond * TURN_BURST_MS) / 1000;
  let left = most;
  let countedAtMs = clock.elapsed();
  return {
    take() {
      const nowMs = clock.elapsed();
      left = Math.min(most, left + (perSecond * (nowMs - countedAtMs)) / 1000);
      countedAtMs = nowMs;
      if (left < 1) return false;
      left--;
      return true;
    },
    giveBack() {
      left = Math.min(most, left + 1);
    },
  };
}
