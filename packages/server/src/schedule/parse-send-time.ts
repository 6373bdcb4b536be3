import type { Parsed } from '@belfry/protocol';
import { type LocalTime, parseLocalTime } from './local-time.ts';
import { parseInstant } from './parse-instant.ts';

/** When a message is sent: at once, at an instant (milliseconds since 1970), or by the clocks of each device. */
export type SendTime =
  | { readonly kind: 'now' }
  | { readonly kind: 'at'; readonly timeMs: number }
  | { readonly kind: 'local'; readonly local: LocalTime };

export interface ParsedSendTime {
  readonly sendTime: SendTime;
  /** No device is due before; milliseconds since 1970. */
  readonly earliestMs: number;
}

/** A year, leap years too. */
const MAX_AHEAD_MS = 366 * 24 * 3_600_000;

/** Clocks are nowhere further ahead of UTC (Pacific/Kiritimati). */
const MAX_UTC_OFFSET_MS = 14 * 3_600_000;

/** A time that has passed is now; one more than 366 days ahead, wherever it comes first, is `too-far`. */
export function parseSendTime(
  value: Date | number | string | { readonly local: string },
  now: number,
): Parsed<ParsedSendTime, 'invalid-time' | 'too-far'> {
  if (typeof value === 'object' && 'local' in value) {
    const local = parseLocalTime(value.local);
    return local.ok ? within({ kind: 'local', local: local.value }, earliestIn(local.value, now), now) : INVALID;
  }
  const instant = parseInstant(value);
  if (!instant.ok) return INVALID;
  return within(instant.value <= now ? { kind: 'now' } : { kind: 'at', timeMs: instant.value }, instant.value, now);
}

const INVALID = { ok: false, error: 'invalid-time' } as const;

function earliestIn({ date, time }: LocalTime, now: number): number {
  return date === null ? now : Math.max(now, Date.parse(`${date}T${time}Z`) - MAX_UTC_OFFSET_MS);
}

function within(sendTime: SendTime, earliestMs: number, now: number): Parsed<ParsedSendTime, 'too-far'> {
  return earliestMs - now > MAX_AHEAD_MS
    ? { ok: false, error: 'too-far' }
    : { ok: true, value: { sendTime, earliestMs } };
}
