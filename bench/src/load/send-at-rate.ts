export interface RateOptions {
  readonly perSecond: number;
  readonly count: number;
  /** Milliseconds of any clock that is never set back. */
  readonly now: () => number;
  readonly sleep: (delayMs: number) => Promise<void>;
}

/** As short as a timer can be: arrival times within one are sent together, late by up to as much. */
const TICK_MS = 1;

/**
 * Open loop: each message has its time (`dueAtMs`), whatever became of those before. A sender that waits for answers
 * would send less just when the other side is slow, and not see it (coordinated omission).
 *
 * @param send sends the message with that number, from 0 on, and resolves with its answer
 * @returns when the first was due, after the last was answered
 */
export async function sendAtRate(
  send: (sequence: number) => Promise<void>,
  { perSecond, count, now, sleep }: RateOptions,
): Promise<number> {
  const startedAtMs = now();
  const answers: Promise<void>[] = [];
  while (answers.length < count) {
    while (answers.length < count && dueAtMs({ startedAtMs, perSecond }, answers.length) <= now()) {
      answers.push(send(answers.length));
    }
    await sleep(TICK_MS);
  }
  await Promise.all(answers);
  return startedAtMs;
}

/** When the message with that number is to be sent. */
export function dueAtMs(
  schedule: { readonly startedAtMs: number; readonly perSecond: number },
  sequence: number,
): number {
  return schedule.startedAtMs + (sequence * 1000) / schedule.perSecond;
}
