import type { PushAnswer } from '../transport/push-transport.ts';

/** What a push service's answer means for one message to one device. */
export type AnswerClass =
  | { readonly kind: 'accepted' | 'gone' }
  | { readonly kind: 'misconfigured' | 'rejected'; readonly status: number }
  /** `retryAfterMs` is what the service asked for, if it did. */
  | { readonly kind: 'throttled' | 'retrying'; readonly retryAfterMs: number | undefined };

/** Reads an answer by RFC 8030 §5, 7.3 and 8.4, RFC 8292 §4.2 and what services do (404 is as final as 410). */
export function classifyAnswer(answer: PushAnswer, now: number): AnswerClass {
  if (answer.kind === 'no-answer') {
    return answer.reason === 'refused-address'
      ? { kind: 'rejected', status: 0 }
      : { kind: 'retrying', retryAfterMs: undefined };
  }
  const { status } = answer;
  const retryAfterMs = parseRetryAfter(answer.headers['retry-after'], now);
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  if (status === 404 || status === 410) return { kind: 'gone' };
  if (status === 401 || status === 403) return { kind: 'misconfigured', status };
  if (status === 429) return { kind: 'throttled', retryAfterMs };
  if (status === 408 || status === 425 || status >= 500) return { kind: 'retrying', retryAfterMs };
  return { kind: 'rejected', status };
}

/** Milliseconds from now, from whole seconds or an HTTP date (RFC 9110 §10.2.3). */
function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}
