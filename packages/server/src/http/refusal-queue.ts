import type { Clock } from '../effects.ts';
import { MAX_WAITING_REFUSALS, REFUSALS_PER_SECOND } from '../limits.ts';

/** Where strangers, and users and devices beyond their limits, wait for their refusal. */
export interface RefusalQueue {
  /** Resolves when it is this refusal's turn. */
  wait(): Promise<void>;
  /** Lets all of them go, and those that come later. */
  end(): void;
}

const TICK_MS = 20;

/**
 * Lets all that are refused wait for it, so many a second, in turn. A client that is refused at once asks again at once: 4,000
 * connections would take all of the server's time that way. One that waits costs a little memory. What is beyond the bound
 * goes at once.
 */
export function createRefusalQueue({ clock }: { readonly clock: Clock }): RefusalQueue {
  const waiting = new Set<() => void>();
  let cancelTick: (() => void) | undefined;
  let isEnded = false;
  return {
    async wait() {
      if (isEnded || waiting.size >= MAX_WAITING_REFUSALS) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      cancelTick ??= clock.after(TICK_MS, tick);
      await promise;
    },
    end() {
      isEnded = true;
      cancelTick?.();
      for (const resolve of waiting) resolve();
      waiting.clear();
    },
  };

  function tick(): void {
    cancelTick = undefined;
    let left = (REFUSALS_PER_SECOND * TICK_MS) / 1000;
    for (const resolve of waiting) {
      if (left-- <= 0) break;
      waiting.delete(resolve);
      resolve();
    }
    if (waiting.size > 0) cancelTick = clock.after(TICK_MS, tick);
  }
}
