import type { Clock, Logger } from './effects.ts';
import { CLOCK_STEP_MS, CLOCK_WATCH_MS, STORE_RETRY_MS } from './limits.ts';

/** Does something again and again, whenever its time has come. */
export interface WakeLoop {
  /** Says that there is something to do then (ms since 1970). Where the clock is set meanwhile, the delay stays what it was. */
  wakeAt(time: number): void;
  /** Does nothing more; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

export interface WakeLoopOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** For the log, such as 'Deliveries that were due could not be taken up'. */
  readonly failure: string;
  /** One step; when the next is due (ms since 1970), or null where that will be told by `wakeAt`. */
  step(): Promise<number | null>;
}

/**
 * One step at a time. It holds one timer, and none where nothing waits. While it waits it looks every few seconds whether somebody
 * set the clock: then it takes a step at once, which asks again what is due by the new time.
 */
export function startWakeLoop({ clock, logger, failure, step }: WakeLoopOptions): WakeLoop {
  /** `dueAt` is by the monotonic clock. */
  let timer: { readonly dueAt: number; cancel(): void } | undefined;
  let running: Promise<void> = Promise.resolve();
  let isStopped = false;

  const loop: WakeLoop = {
    wakeAt(time) {
      const dueAt = clock.elapsed() + Math.max(time - clock.now(), 0);
      if (isStopped || (timer !== undefined && timer.dueAt <= dueAt)) return;
      timer?.cancel();
      wait(dueAt, aheadMs());
    },
    async stop() {
      isStopped = true;
      timer?.cancel();
      await running;
    },
  };
  return loop;

  function wait(dueAt: number, setAheadMs: number): void {
    const cancel = clock.after(Math.min(Math.max(dueAt - clock.elapsed(), 0), CLOCK_WATCH_MS), () => {
      timer = undefined;
      const wasSet = Math.abs(aheadMs() - setAheadMs) > CLOCK_STEP_MS;
      if (wasSet || clock.elapsed() >= dueAt) running = running.then(takeStep);
      else wait(dueAt, setAheadMs);
    });
    timer = { dueAt, cancel };
  }

  function aheadMs(): number {
    return clock.now() - clock.elapsed();
  }

  async function takeStep(): Promise<void> {
    if (isStopped) return;
    const setAheadMs = aheadMs();
    try {
      const nextAt = await step();
      // `nextAt` was read from the clock before it was set, so it says nothing now: the next step asks again.
      const wasSet = Math.abs(aheadMs() - setAheadMs) > CLOCK_STEP_MS;
      if (wasSet) loop.wakeAt(clock.now());
      else if (nextAt !== null) loop.wakeAt(nextAt);
    } catch (error) {
      if (isStopped) return;
      logger.error(failure, { error: String(error) });
      loop.wakeAt(clock.now() + STORE_RETRY_MS);
    }
  }
}
