import { clockSkewMs } from './clock-skew.ts';
import type { PushOutcome } from './push-outcome.ts';
import type { AnswerMeaning, AnswerRule, HttpAnswer, PushServiceRules } from './push-service-rules.ts';
import { retryAfterMs } from './retry-after.ts';
import { rfc8030 } from './rfc8030.ts';

export interface ClassifyPushAnswerOptions {
  /** From `pushServiceOf`. */
  readonly service: PushServiceRules;
  readonly answer: HttpAnswer;
  /** Our clock, in milliseconds since 1970. */
  readonly now: number;
}

/** Reads status, headers and body of a push service's answer by its table, and else by RFC 8030. Takes any answer. */
export function classifyPushAnswer({ service, answer, now }: ClassifyPushAnswerOptions): PushOutcome {
  const { status } = answer;
  const waitMs = retryAfterMs(answer, now);
  const explanation = service.explanation(answer);
  const fits = (row: AnswerRule): boolean =>
    isStatus(row, status) &&
    (row.says?.test(explanation) ?? true) &&
    (row.retryAfter === undefined || waitMs !== undefined);
  const rule = service.answers.find(fits) ?? rfc8030.answers.find(fits);
  const means: AnswerMeaning = rule?.means ?? 'rejected';
  switch (means) {
    case 'accepted':
    case 'gone':
    case 'key-mismatch':
      return { kind: means, scope: 'device' };
    case 'misconfigured': {
      const skew = clockSkewMs(answer, now);
      return {
        kind: means,
        // A wrong clock spoils the tokens of every key.
        scope: skew === undefined ? 'origin-and-key' : 'origin',
        status,
        reason: rule?.says?.exec(explanation)?.[0],
        clockSkewMs: skew,
      };
    }
    case 'throttled':
    case 'retrying':
      return { kind: means, scope: 'device', retryAfterMs: waitMs };
    case 'throttled-origin':
      return { kind: 'throttled', scope: 'origin', retryAfterMs: waitMs };
    case 'retrying-origin':
      return { kind: 'retrying', scope: 'origin', retryAfterMs: waitMs };
    case 'bad-message':
      return { kind: 'rejected', scope: 'device', status, blames: 'message' };
    case 'rejected':
      return { kind: 'rejected', scope: 'device', status, blames: 'unknown' };
  }
}

function isStatus({ status: expected }: AnswerRule, status: number): boolean {
  if (expected === undefined || typeof expected === 'number') return expected === undefined || expected === status;
  return status >= expected[0] && status <= expected[1];
}
