import { createECDH, type ECDH, randomBytes } from 'node:crypto';
import { type AuthSecret, type P256dh, type Parsed, parseAuthSecret, parseP256dh } from '@belfry/protocol';

/** A subscription's keys on both sides, in the forms that the two implementations take. */
export interface UserAgent {
  readonly ecdh: ECDH;
  /** As the browser's `PushSubscription.toJSON().keys`. */
  readonly keys: { readonly p256dh: string; readonly auth: string };
  readonly p256dh: P256dh;
  readonly auth: AuthSecret;
}

/** A user agent with fresh keys. */
export function aUserAgent(): UserAgent {
  const ecdh = createECDH('prime256v1');
  const keys = { p256dh: ecdh.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') };
  return { ecdh, keys, p256dh: parsed(parseP256dh(keys.p256dh)), auth: parsed(parseAuthSecret(keys.auth)) };
}

/** The value, of input that is well formed. */
export function parsed<Value>(result: Parsed<Value, string>): Value {
  if (!result.ok) throw new Error(`expected to be well formed: ${result.error}`);
  return result.value;
}
