import { branded } from '../brand.ts';
import { MAX_PLAINTEXT_BYTES } from '../limits.ts';
import { topicDecodes, type Topic } from '../rfc8030/topic.ts';
import type { Ttl } from '../rfc8030/ttl.ts';
import type { PushServiceRules } from './push-service-rules.ts';

export interface PreflightOptions {
  /** From `pushServiceOf`. */
  readonly service: PushServiceRules;
  /** Bytes of plaintext, padding included. */
  readonly plaintextBytes: number;
  readonly ttl: Ttl;
  readonly topic?: Topic | undefined;
}

/** Not a reason to hold a message back: `too-large-for-some-devices` is Firefox on Android, which nothing tells apart. */
export type PreflightWarning = 'too-large-for-some-devices';

export type PreflightError = 'payload-too-large' | 'topic-does-not-decode';

/** What to send with a message, or why its push service would not take it. */
export type Preflight =
  | {
      readonly ok: true;
      /** No longer than the service keeps messages: nobody documents what becomes of more. */
      readonly ttl: Ttl;
      /** Beyond those of `createPushRequest`. */
      readonly headers: Readonly<Record<string, string>>;
      readonly warnings: readonly PreflightWarning[];
    }
  | { readonly ok: false; readonly error: PreflightError };

/** Holds a message against the rules of the push service that it is for, before anything is encrypted or sent. */
export function preflight({ service, plaintextBytes, ttl, topic }: PreflightOptions): Preflight {
  if (plaintextBytes > MAX_PLAINTEXT_BYTES) return { ok: false, error: 'payload-too-large' };
  if (topic !== undefined && service.decodesTopic && !topicDecodes(topic)) {
    return { ok: false, error: 'topic-does-not-decode' };
  }
  return {
    ok: true,
    ttl: branded(Math.min(ttl, service.maxTtlSeconds)),
    headers: ttl === 0 ? (service.ttlZeroHeaders ?? {}) : {},
    warnings: plaintextBytes > (service.safePlaintextBytes ?? Infinity) ? ['too-large-for-some-devices'] : [],
  };
}
