import type { FaultKind } from '../fault-kind.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** By the senders' clock. */
const STEPS_MS = [-HOUR_MS, 25 * HOUR_MS, -DAY_MS, 10 * MINUTE_MS, -10 * MINUTE_MS, 3 * DAY_MS, -3 * DAY_MS] as const;

/** Somebody sets the clock of a sender, and after a lease's time sets it right. Neither makes anything wait, or be sent twice. */
export const clockStep: FaultKind = {
  words: 'a clock set',
  engines: ['sqlite', 'postgres'],
  async inject({ senders, sender, leaseMs }) {
    const stepMs = STEPS_MS[sender % STEPS_MS.length] ?? 0;
    await senders.setClockFor(sender, { stepMs, durationMs: leaseMs });
    return 0;
  },
};
