import { decodeBase64Url } from '../base64url.ts';
import { type Brand, branded, type Parsed } from '../brand.ts';
import { decodePoint } from '../p256-point.ts';

/** A user agent's public key: 65 octets, an uncompressed point on P-256 (Push API `getKey('p256dh')`). */
export type P256dh = Brand<Uint8Array<ArrayBuffer>, 'P256dh'>;

/** A user agent's authentication secret: 16 octets (RFC 8291 §3.2, Push API `getKey('auth')`). */
export type AuthSecret = Brand<Uint8Array<ArrayBuffer>, 'AuthSecret'>;

const AUTH_BYTES = 16;

/** Unpadded base64url of a point that lies on the curve. */
export function parseP256dh(text: string): Parsed<P256dh, 'invalid-p256dh'> {
  const point = decodePoint(text);
  return point === undefined ? { ok: false, error: 'invalid-p256dh' } : { ok: true, value: branded(point) };
}

/** Unpadded base64url of 16 octets. */
export function parseAuthSecret(text: string): Parsed<AuthSecret, 'invalid-auth'> {
  const secret = decodeBase64Url(text);
  return secret?.length === AUTH_BYTES ? { ok: true, value: branded(secret) } : { ok: false, error: 'invalid-auth' };
}
