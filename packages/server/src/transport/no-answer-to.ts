import type { ConnectionResult } from './connection.ts';
import type { PendingSend } from './pending-send.ts';
import type { PushAnswer } from './push-transport.ts';

export type BrokenRequest = Extract<ConnectionResult, { kind: 'broken' }>;

/**
 * After how long, and up to twice as long, a request comes again whose connection ended, perhaps because of another request. It is
 * long enough that requests which shared a connection do not meet on the next.
 */
export const INTERRUPTED_RETRY_MS = 500;

/**
 * Returns how a request without a response ends. Where its connection may have ended because of another request it comes again soon,
 * and this attempt does not count. That is so only while the user's requests have responses, so the back-off grows where a push service
 * ends each connection.
 */
export function noAnswerTo(
  send: PendingSend,
  result: BrokenRequest,
  random: () => number,
): Extract<PushAnswer, { kind: 'no-answer' }> {
  if (send.isTimedOut) return { kind: 'no-answer', reason: 'timeout' };
  const isBystander = result.isShared && send.userId !== undefined && !send.isAfterFailure;
  if (!isBystander) return { kind: 'no-answer', reason: 'connection' };
  const retryAfterMs = Math.ceil(INTERRUPTED_RETRY_MS * (1 + random()));
  return { kind: 'no-answer', reason: 'interrupted', retryAfterMs };
}
