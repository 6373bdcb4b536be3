import { parseHttpDate } from './http-date.ts';
import type { HttpAnswer } from './push-service-rules.ts';

/** A token that is renewed an hour before its end is refused as expired from a clock on that is an hour slow. */
const FAR_MS = 3_600_000;

/** How far our clock is ahead of the answer's `Date` (negative: behind), where that is an hour or more. */
export function clockSkewMs({ headers }: HttpAnswer, now: number): number | undefined {
  const theirs = parseHttpDate(headers['date'] ?? '');
  const skew = theirs === undefined ? 0 : now - theirs;
  return Math.abs(skew) >= FAR_MS ? skew : undefined;
}
