import { type KeyObject, sign } from 'node:crypto';
import { encodeBase64Url } from '../base64url.ts';
import type { Parsed } from '../brand.ts';
import type { PushServiceOrigin } from '../rfc8030/endpoint.ts';
import type { VapidSubject } from './subject.ts';
import { parseVapidPublicKey, type VapidPublicKey } from './vapid-keys.ts';

const JWT_HEADER = encodeBase64Url(Buffer.from(JSON.stringify({ typ: 'JWT', alg: 'ES256' })));

export interface VapidTokenOptions {
  /** The push service's origin, port included (RFC 8292 §2). */
  readonly audience: PushServiceOrigin;
  /** Seconds since 1970; at most 24 h ahead (RFC 8292 §2), and 12 h leaves room for a skewed clock. */
  readonly expiresAt: number;
  readonly subject: VapidSubject;
  /** From `toSigningKey`. */
  readonly signingKey: KeyObject;
}

/** A JWT signed with ES256 (RFC 8292 §2). Good for every subscription of its audience until it expires, so reuse it. */
export function createVapidToken(options: VapidTokenOptions): string {
  const claims = { aud: options.audience, exp: Math.floor(options.expiresAt), sub: options.subject };
  const unsigned = `${JWT_HEADER}.${encodeBase64Url(Buffer.from(JSON.stringify(claims)))}`;
  // JWS wants r and s side by side (RFC 7518 §3.4), not OpenSSL's DER.
  const signature = sign('sha256', Buffer.from(unsigned), { key: options.signingKey, dsaEncoding: 'ieee-p1363' });
  return `${unsigned}.${encodeBase64Url(signature)}`;
}

/** The `Authorization` header's value (RFC 8292 §3). */
export function vapidAuthorization(options: { readonly token: string; readonly publicKey: VapidPublicKey }): string {
  return `vapid t=${options.token}, k=${options.publicKey}`;
}

/** Reads what {@link vapidAuthorization} writes: both parameters, in either order. The token is not verified here. */
export function parseVapidAuthorization(
  header: string,
): Parsed<{ readonly token: string; readonly publicKey: VapidPublicKey }, 'invalid-vapid-authorization'> {
  const [, rest] = /^vapid +(.*)$/i.exec(header.trim()) ?? [];
  const parameters = new Map((rest ?? '').split(',').map(parameter));
  const token = parameters.get('t');
  const publicKey = parseVapidPublicKey(parameters.get('k') ?? '');
  return token === undefined || token === '' || !publicKey.ok
    ? { ok: false, error: 'invalid-vapid-authorization' }
    : { ok: true, value: { token, publicKey: publicKey.value } };
}

function parameter(text: string): [name: string, value: string] {
  const equals = text.indexOf('=');
  return [text.slice(0, Math.max(equals, 0)).trim().toLowerCase(), text.slice(equals + 1).trim()];
}
