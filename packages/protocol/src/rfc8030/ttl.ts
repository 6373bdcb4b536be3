import { type Brand, branded, type Parsed } from '../brand.ts';

/** Whole seconds that a push service keeps an undelivered message; 0 = now or never (RFC 8030 §5.2). */
export type Ttl = Brand<number, 'Ttl'>;

/** The header's own grammar is 1*DIGIT; ten digits hold every value that fits 31 bits, which services clamp to anyway. */
const TTL_TEXT = /^\d{1,10}$/;

/** The `TTL` header of a push request, which RFC 8030 §5.2 makes mandatory. */
export function parseTtl(text: string | undefined): Parsed<Ttl, 'missing-ttl' | 'invalid-ttl'> {
  if (text === undefined) return { ok: false, error: 'missing-ttl' };
  if (!TTL_TEXT.test(text)) return { ok: false, error: 'invalid-ttl' };
  return { ok: true, value: branded(Number(text)) };
}

/** The longest that HTTP's delta-seconds need to hold (RFC 9111 §1.2.2); push services clamp to weeks. */
const MAX_TTL_S = 2 ** 31 - 1;

/** A whole number of seconds, from 0 to 2^31 − 1. */
export function toTtl(seconds: number): Parsed<Ttl, 'invalid-ttl'> {
  return Number.isInteger(seconds) && seconds >= 0 && seconds <= MAX_TTL_S
    ? { ok: true, value: branded(seconds) }
    : { ok: false, error: 'invalid-ttl' };
}
