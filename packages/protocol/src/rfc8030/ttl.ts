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

/** A non-negative integer of seconds. */
export function toTtl(seconds: number): Parsed<Ttl, 'invalid-ttl'> {
  return Number.isSafeInteger(seconds) && seconds >= 0
    ? { ok: true, value: branded(seconds) }
    : { ok: false, error: 'invalid-ttl' };
}
