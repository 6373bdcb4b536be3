import type { Parsed } from '@belfry/protocol';
import * as v from 'valibot';
import type { Fault } from './fault.ts';

const positive = v.pipe(v.number(), v.finite(), v.minValue(0));
const seconds = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(86_400)));

const faultSchema: v.GenericSchema<unknown, Fault> = v.variant('type', [
  v.strictObject({ type: v.literal('delay'), delayMs: v.pipe(positive, v.maxValue(3_600_000)) }),
  v.strictObject({ type: v.literal('slow-read'), bytesPerSecond: v.pipe(positive, v.gtValue(0)) }),
  v.strictObject({
    type: v.literal('status'),
    status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
    retryAfterSeconds: seconds,
    body: v.optional(v.pipe(v.string(), v.maxLength(16_384))),
  }),
  v.strictObject({ type: v.literal('throttle'), retryAfterSeconds: seconds }),
  v.strictObject({ type: v.picklist(['drop', 'no-answer', 'reset', 'goaway', 'expire', 'rotate']) }),
]);

const repetitionSchema = v.object({
  skip: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  times: v.optional(v.union([v.literal(Number.POSITIVE_INFINITY), v.pipe(v.number(), v.integer(), v.minValue(1))]), 1),
});

/** When a fault is to happen. */
export interface Repetition {
  /** How many pushes pass before it; default 0. */
  readonly skip: number;
  /** How many it is for, once it has begun; default 1, Infinity for all. */
  readonly times: number;
}

/** A fault as it comes from a test or over HTTP; the error says in words what is wrong with it. */
export function parseFault(input: unknown): Parsed<Fault, string> {
  return parsed(v.safeParse(faultSchema, input));
}

export function parseRepetition(input: unknown): Parsed<Repetition, string> {
  return parsed(v.safeParse(repetitionSchema, input));
}

function parsed<Value>(result: v.SafeParseResult<v.GenericSchema<unknown, Value>>): Parsed<Value, string> {
  if (result.success) return { ok: true, value: result.output };
  const [issue] = result.issues;
  // Not its message, which ends in the value that was received: that may be anything, an endpoint too.
  return { ok: false, error: `${v.getDotPath(issue) ?? 'The fault'}: expected ${issue.expected ?? issue.type}` };
}
