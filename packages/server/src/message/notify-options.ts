import { type Topic, topicOf, type Ttl, toTtl, URGENCIES, type Urgency } from '@belfry/protocol';
import * as v from 'valibot';
import { BelfryError } from '../errors.ts';
import { DEFAULT_TTL_S } from '../limits.ts';
import { parseSendTime, type SendTime } from '../schedule/parse-send-time.ts';
import { parseInstant } from '../schedule/parse-instant.ts';
import { describeIssue } from './describe-issue.ts';
import { storable } from './printable-text.ts';

/** An instant: a Date, milliseconds since 1970, or a time in ISO 8601 with `Z` or an offset. */
export type InstantOption = Date | number | string;

const FOREGROUNDS = ['page', 'notification', 'both'] as const;

/**
 * Where a message goes while a page is open and visible. `page`: to the page that takes it, and no notification is shown, where
 * the browser allows that. `notification`: it is shown, and no page is asked. `both`: to the page, and it is shown.
 */
export type Foreground = (typeof FOREGROUNDS)[number];

/** How a message travels, and where it appears. */
export interface NotifyOptions {
  /** Seconds that the message may wait for a device from the time on that it is sent; 0 = now or never; default 28 days. */
  readonly ttl?: number | undefined;
  /** A device that saves its battery may leave less urgent messages waiting (RFC 8030 §5.3). */
  readonly urgency?: Urgency | undefined;
  /** 1 to 1000 characters of well-formed Unicode without NUL: a message replaces an undelivered one that has the same key (RFC 8030 §5.4, `Topic`). */
  readonly collapseKey?: string | undefined;
  /**
   * When to send it, at most 366 days from now; one that has passed is now. `local` is the time in the zone of each
   * device: `HH:MM` or `HH:MM:SS` when it next comes there, or `YYYY-MM-DDTHH:MM`. A time that clocks going forward jump over is
   * the instant of the jump, and one that they show twice is its first.
   */
  readonly at?: InstantOption | { readonly local: string } | undefined;
  /** From then on it is not sent any more, whatever its ttl; after now and after `at`. */
  readonly expiresAt?: InstantOption | undefined;
  /**
   * 1 to 256 printable characters: the same message again with the same key, within 7 days, is not sent again but answered
   * as the first time, and another one with the key is refused.
   */
  readonly idempotencyKey?: string | undefined;
  /** At most so many devices of a broadcast are sent to in a second: from 1 to 1,000,000. */
  readonly devicesPerSecond?: number | undefined;
  /** What becomes of it while a page is open; default `page`. */
  readonly foreground?: Foreground | undefined;
}

// The length goes first: what reads a time is not made for long texts.
const timeText = v.pipe(v.string(), v.maxLength(64));
const instant = [v.date(), v.number(), timeText] as const;
const INSTANT_RULE = 'must be a Date, milliseconds since 1970, or a time in ISO 8601 with Z or an offset';
const AT_RULE = `${INSTANT_RULE}, or { local } with HH:MM, HH:MM:SS or YYYY-MM-DDTHH:MM`;

// No control characters and nothing else that cannot be seen, so that a key in a log is the key.
const PRINTABLE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,256}$/v;

/** PostgreSQL refuses an index entry of more than 2704 bytes. */
const MAX_COLLAPSE_KEY_BYTES = 2048;

const schema: v.GenericSchema<NotifyOptions> = v.strictObject({
  ttl: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  urgency: v.optional(v.picklist(URGENCIES)),
  collapseKey: v.optional(
    v.pipe(v.string(), storable(1000), v.maxBytes(MAX_COLLAPSE_KEY_BYTES, 'must be at most 2048 bytes in UTF-8')),
  ),
  at: v.optional(v.union([...instant, v.strictObject({ local: timeText })], AT_RULE)),
  expiresAt: v.optional(v.union(instant, INSTANT_RULE)),
  idempotencyKey: v.optional(v.pipe(v.string(), v.regex(PRINTABLE, 'must be 1 to 256 printable characters'))),
  devicesPerSecond: v.optional(
    v.pipe(v.number(), v.minValue(1, 'must be at least 1'), v.maxValue(1e6, 'must be at most 1000000')),
  ),
  foreground: v.optional(v.picklist(FOREGROUNDS)),
});

/** {@link NotifyOptions}, checked. It is kept as JSON. */
export interface ParsedNotifyOptions {
  readonly ttl: Ttl;
  readonly urgency?: Urgency;
  /** Of the collapse key, for the push service. */
  readonly topic?: Topic;
  readonly collapseKey?: string;
  readonly at: SendTime;
  readonly expiresAtMs: number | null;
  readonly idempotencyKey: string | null;
  readonly devicesPerSecond: number | null;
  /** Left out for `page`, which is what a worker does by itself. */
  readonly foreground?: Exclude<Foreground, 'page'>;
}

/**
 * Options of a call or of a request's JSON.
 *
 * @param now Milliseconds since 1970.
 * @throws {BelfryError} `invalid-notify-options`, naming the field
 */
export function parseNotifyOptions(input: unknown, { now }: { readonly now: number }): ParsedNotifyOptions {
  const result = v.safeParse(schema, input ?? {}, { abortEarly: true });
  if (!result.success) throw refused(describeIssue(result.issues[0]));
  const { urgency, collapseKey, idempotencyKey, devicesPerSecond, expiresAt, foreground = 'page' } = result.output;
  const ttl = toTtl(result.output.ttl ?? DEFAULT_TTL_S);
  if (!ttl.ok) throw refused('ttl: expected whole seconds, from 0 to 2147483647');
  const at = parseSendTime(result.output.at ?? now, now);
  if (!at.ok) throw refused(`at: ${at.error === 'too-far' ? 'must be within 366 days from now' : AT_RULE}`);
  return {
    ttl: ttl.value,
    ...(urgency === undefined ? {} : { urgency }),
    ...(collapseKey === undefined ? {} : { topic: topicOf(collapseKey), collapseKey }),
    at: at.value.sendTime,
    expiresAtMs: expiresAt === undefined ? null : endAfter(Math.max(at.value.earliestMs, now), expiresAt),
    idempotencyKey: idempotencyKey ?? null,
    devicesPerSecond: devicesPerSecond ?? null,
    ...(foreground === 'page' ? {} : { foreground }),
  };
}

function endAfter(startMs: number, expiresAt: InstantOption): number {
  const end = parseInstant(expiresAt);
  if (!end.ok) throw refused(`expiresAt: ${INSTANT_RULE}`);
  if (end.value <= startMs) throw refused('expiresAt: must lie after now, and after `at`');
  return end.value;
}

function refused(what: string): BelfryError {
  return new BelfryError('invalid-notify-options', `The options are not well formed: ${what}`);
}
