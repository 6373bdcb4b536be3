import type { MessageToPlan, Store, ZoneTime } from '@belfry/store';
import type { Clock, Logger } from '../effects.ts';
import { readContent } from '../message/message-content.ts';
import { zoneTimes } from '../schedule/local-times.ts';
import { startWakeLoop, type WakeLoop } from '../wake-loop.ts';

export interface PlanLoopOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of devices that did not say where they are. IANA name. */
  readonly fallbackTimeZone: string;
  /** There are deliveries and chunks that are due, or will be. */
  onPlanned(): void;
}

const MESSAGES_AT_ONCE = 100;

/** Parts messages into what can be sent, when their time has come. */
export function startPlanLoop(options: PlanLoopOptions): WakeLoop {
  const { store, clock, logger } = options;
  return startWakeLoop({
    clock,
    logger,
    failure: 'Messages whose time has come could not be planned',
    async step() {
      const { messages, nextAt } = await store.messagesToPlan({ now: clock.now(), limit: MESSAGES_AT_ONCE });
      // One that cannot be planned does not keep others from it.
      const planned = await Promise.allSettled(messages.map(plan));
      if (messages.length > 0) options.onPlanned();
      const failed = planned.find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return messages.length === MESSAGES_AT_ONCE ? clock.now() : nextAt;
    },
  });

  async function plan(message: MessageToPlan): Promise<void> {
    await store.planMessage({ seq: message.seq, now: clock.now(), zones: await zonesOf(message) });
  }

  async function zonesOf({ content, runAt }: MessageToPlan): Promise<readonly ZoneTime[] | null> {
    const { local } = readContent(content).options;
    if (local === undefined) return null;
    const { fallbackTimeZone } = options;
    // From when it was asked for on: a time that came while the server was down is late, not tomorrow's.
    return zoneTimes({ local, zones: await store.timeZones(), nowMs: runAt, fallbackTimeZone });
  }
}
