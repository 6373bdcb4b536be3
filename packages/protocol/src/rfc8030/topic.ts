import { createHash } from 'node:crypto';
import { type Brand, branded, type Parsed } from '../brand.ts';

/** A message's `Topic`: a newer one replaces an undelivered one of the same topic (RFC 8030 §5.4). */
export type Topic = Brand<string, 'Topic'>;

/** At most 32 characters of the base64url alphabet (RFC 8030 §5.4). */
export function parseTopic(text: string): Parsed<Topic, 'invalid-topic'> {
  return /^[A-Za-z0-9_-]{1,32}$/.test(text)
    ? { ok: true, value: branded(text) }
    : { ok: false, error: 'invalid-topic' };
}

/** Whether it is the base64url of any octets, which Apple insists on: none has a length of 4n + 1. */
export function topicDecodes(topic: Topic): boolean {
  return topic.length % 4 !== 1;
}

/**
 * A topic for any text: the same for the same text. It is a hash, so that every push service takes it (32 characters,
 * which decode), and nothing of the application's names is told to the push service.
 */
export function topicOf(collapseKey: string): Topic {
  return branded(createHash('sha256').update(collapseKey).digest().subarray(0, 24).toString('base64url'));
}
