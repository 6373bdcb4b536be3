import { type Brand, branded, type Parsed } from '../brand.ts';

/** A message's `Topic`: a newer one replaces an undelivered one of the same topic (RFC 8030 §5.4). */
export type Topic = Brand<string, 'Topic'>;

/** At most 32 characters of the base64url alphabet (RFC 8030 §5.4). */
export function parseTopic(text: string): Parsed<Topic, 'invalid-topic'> {
  return /^[A-Za-z0-9_-]{1,32}$/.test(text)
    ? { ok: true, value: branded(text) }
    : { ok: false, error: 'invalid-topic' };
}
