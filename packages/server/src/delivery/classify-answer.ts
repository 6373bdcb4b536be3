import { classifyPushAnswer, type PushOutcome, type PushServiceRules } from '@belfry/protocol';
import type { PushAnswer } from '../transport/push-transport.ts';

/**
 * What an answer means for one message to one device.
 *
 * - `not-sent`: its push service is left alone for a while, or with scope `device` its user's devices there
 * - `interrupted`: its connection ended, perhaps because of another request
 * - `expired`: its time ended before it could be sent
 */
export type AnswerClass =
  | PushOutcome
  | { readonly kind: 'expired' }
  | { readonly kind: 'interrupted'; readonly retryAt: number }
  | { readonly kind: 'not-sent'; readonly scope: 'device' | 'origin'; readonly retryAt: number | undefined };

/** Reads an answer by the rules of its push service. No answer says nothing of the device. */
export function classifyAnswer(
  answer: PushAnswer,
  { service, now }: { service: PushServiceRules; now: number },
): AnswerClass {
  switch (answer.kind) {
    case 'answer':
      return classifyPushAnswer({ service, answer, now });
    case 'no-answer':
      if (answer.reason === 'interrupted') return { kind: 'interrupted', retryAt: now + answer.retryAfterMs };
      return { kind: 'retrying', scope: 'device', retryAfterMs: undefined };
    case 'not-sent':
      if (answer.reason === 'refused-address') {
        return { kind: 'rejected', scope: 'device', status: 0, blames: 'unknown' };
      }
      if (answer.reason === 'expired') return { kind: 'expired' };
      return {
        kind: 'not-sent',
        scope: answer.reason === 'user-busy' || answer.reason === 'withdrawn' ? 'device' : 'origin',
        retryAt: answer.retryAfterMs === undefined ? undefined : now + answer.retryAfterMs,
      };
  }
}
