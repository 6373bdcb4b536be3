import type { ConnectionResult } from './connection.ts';
import type { PendingSend } from './pending-send.ts';
import type { PushAnswer } from './push-transport.ts';

export type NoAnswer = Extract<PushAnswer, { kind: 'no-answer' }>;
export type BrokenRequest = Extract<ConnectionResult, { kind: 'broken' }>;

/** The connection was not made, or ended. */
export const NO_ANSWER: NoAnswer = { kind: 'no-answer', reason: 'connection' };

/**
 * After how long, and up to twice as long, a request comes again whose connection ended, perhaps because of another request. It is
 * long enough that requests which shared a connection do not meet on the next.
 */
export const INTERRUPTED_RETRY_MS = 500;

/**
 * Returns how a request without a response ends. Where its connection may have ended because of another request it comes again soon,
 * and this attempt does not count. That is so until the user's requests go alone, after three such ends at most, so the back-off grows
 * where a push service ends each connection.
 */
export function noAnswerTo(send: PendingSend, result: Pick<BrokenRequest, 'suspects'>, random: () => number): NoAnswer {
  if (send.isTimedOut) return { kind: 'no-answer', reason: 'timeout' };
  const isBystander = result.suspects > 1 && send.userId !== undefined && !send.isAfterFailure;
  if (!isBystander) return NO_ANSWER;
  const retryAfterMs = Math.ceil(INTERRUPTED_RETRY_MS * (1 + random()));
  return { kind: 'no-answer', reason: 'interrupted', retryAfterMs };
}
