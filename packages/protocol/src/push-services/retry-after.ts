import { parseHttpDate } from './http-date.ts';
import type { HttpAnswer } from './push-service-rules.ts';

/** WNS sends its own beside Retry-After, in a form that nobody documents: it is read as the other is. */
const NAMES = ['retry-after', 'x-wns-continue-after'] as const;

/** Milliseconds until the push service wants to be asked again, the longest that it says; undefined where it says none. */
export function retryAfterMs({ headers }: HttpAnswer, now: number): number | undefined {
  const waits = NAMES.flatMap((name) => parseRetryAfter(headers[name] ?? '', now) ?? []);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

/** Whole seconds, or an HTTP date (RFC 9110 §10.2.3). */
function parseRetryAfter(text: string, now: number): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = parseHttpDate(text);
  return at === undefined ? undefined : Math.max(at - now, 0);
}
