import type { Clock, Logger } from './effects.ts';
import { STORE_RETRY_MS } from './limits.ts';

/** Does something again and again, whenever its time has come. */
export interface WakeLoop {
  /** Says that there is something to do then (ms since 1970). */
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

const LONGEST_SLEEP_MS = 60_000;

/** One step at a time. It holds one timer, and none where nothing waits. */
export function startWakeLoop({ clock, logger, failure, step }: WakeLoopOptions): WakeLoop {
  let timer: { readonly at: number; cancel(): void } | undefined;
  let running: Promise<void> = Promise.resolve();
  let isStopped = false;

  const loop: WakeLoop = {
    wakeAt(time) {
      if (isStopped || (timer !== undefined && timer.at <= time)) return;
      timer?.cancel();
      // Not for longer: where the clock is set meanwhile, what is due then is not as late as the clock was wrong.
      const cancel = clock.after(Math.min(time - clock.now(), LONGEST_SLEEP_MS), () => {
        timer = undefined;
        running = running.then(takeStep);
      });
      timer = { at: time, cancel };
    },
    async stop() {
      isStopped = true;
      timer?.cancel();
      await running;
    },
  };
  return loop;

  async function takeStep(): Promise<void> {
    if (isStopped) return;
    try {
      const nextAt = await step();
      if (nextAt !== null) loop.wakeAt(nextAt);
    } catch (error) {
      if (isStopped) return;
      logger.error(failure, { error: String(error) });
      loop.wakeAt(clock.now() + STORE_RETRY_MS);
    }
  }
}
