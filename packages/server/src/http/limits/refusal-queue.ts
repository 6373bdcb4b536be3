import type { Clock } from '../../effects.ts';
import { MAX_WAITING_REFUSALS, REFUSALS_PER_SECOND } from '../../limits.ts';

/** Where strangers, and users and devices beyond their limits, wait for their refusal. */
export interface RefusalQueue {
  /** Resolves when it is this refusal's turn. */
  wait(): Promise<void>;
  /** Lets all of them go, and those that come later. */
  end(): void;
}

/**
 * One refusal at a time. Its client sends the next request at once, and the two take 0.5 ms of CPU, so that five in a row held up
 * the event loop for 2.5 ms.
 */
const TICK_MS: number = 1000 / REFUSALS_PER_SECOND;

/** Where the event loop was late, no more than this catches up. */
const MAX_LATE_MS = 20;

/**
 * Lets all that are refused wait for it, so many a second, in turn. A client that is refused at once asks again at once: 4,000
 * connections would take all of the server's time that way. One that waits costs a little memory. What is beyond the bound
 * goes at once.
 */
export function createRefusalQueue({ clock }: { readonly clock: Clock }): RefusalQueue {
  const waiting = new Set<() => void>();
  let cancelTick: (() => void) | undefined;
  let isEnded = false;
  let tickedAtMs = 0;
  return {
    async wait() {
      if (isEnded || waiting.size >= MAX_WAITING_REFUSALS) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      if (cancelTick === undefined) tickLater();
      await promise;
    },
    end() {
      isEnded = true;
      cancelTick?.();
      for (const resolve of waiting) resolve();
      waiting.clear();
    },
  };

  function tickLater(): void {
    tickedAtMs = clock.elapsed();
    cancelTick = clock.after(TICK_MS, tick);
  }

  function tick(): void {
    cancelTick = undefined;
    const passedMs = Math.min(clock.elapsed() - tickedAtMs, MAX_LATE_MS);
    let left = Math.max(1, Math.floor(passedMs / TICK_MS));
    for (const resolve of waiting) {
      if (left-- <= 0) break;
      waiting.delete(resolve);
      resolve();
    }
    if (waiting.size > 0) tickLater();
  }
}
