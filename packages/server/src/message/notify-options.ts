import { type Topic, topicOf, type Ttl, toTtl, URGENCIES, type Urgency } from '@belfry/protocol';
import * as v from 'valibot';
import { BelfryError } from '../errors.ts';
import { DEFAULT_TTL_S } from '../limits.ts';
import { describeIssue } from './describe-issue.ts';

/** How a message travels. */
export interface NotifyOptions {
  /** Seconds that the message may wait for a device; 0 = now or never; default 28 days. */
  readonly ttl?: number | undefined;
  /** A device that saves its battery may leave less urgent messages waiting (RFC 8030 §5.3). */
  readonly urgency?: Urgency | undefined;
  /** Any text: a message replaces an undelivered one that has the same key (RFC 8030 §5.4, `Topic`). */
  readonly collapseKey?: string | undefined;
}

const schema: v.GenericSchema<NotifyOptions> = v.strictObject({
  ttl: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  urgency: v.optional(v.picklist(URGENCIES)),
  collapseKey: v.optional(v.pipe(v.string(), v.nonEmpty('must not be empty'), v.maxLength(1000))),
});

export interface ParsedNotifyOptions {
  readonly ttl: Ttl;
  readonly urgency?: Urgency;
  readonly topic?: Topic;
}

/** @throws {BelfryError} `invalid-notify-options`, naming the field */
export function parseNotifyOptions(input: unknown): ParsedNotifyOptions {
  const result = v.safeParse(schema, input ?? {});
  if (!result.success) {
    const what = describeIssue(result.issues[0]);
    throw new BelfryError('invalid-notify-options', `The options are not well formed: ${what}`);
  }
  const { urgency, collapseKey, ttl: seconds = DEFAULT_TTL_S } = result.output;
  const ttl = toTtl(seconds);
  if (!ttl.ok) throw new BelfryError('invalid-notify-options', 'ttl: expected whole seconds, from 0 to 2147483647');
  return {
    ttl: ttl.value,
    ...(urgency === undefined ? {} : { urgency }),
    ...(collapseKey === undefined ? {} : { topic: topicOf(collapseKey) }),
  };
}
