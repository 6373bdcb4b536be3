import { encodeBase64Url, parseVapidAuthorization, type VapidPublicKey } from '@belfry/protocol';
import { errors, type JWK, type JWTPayload, jwtVerify } from 'jose';
import { MAX_VAPID_LIFETIME_SECONDS } from '../limits.ts';
import type { RecentMap } from '../recent-map.ts';

export interface VapidExpectation {
  /** The endpoint's origin, port included: what `aud` must be (RFC 8292 §2). */
  readonly origin: string;
  /** The key that the subscription was made for, if it named one: what `k` must be (RFC 8292 §4.2). */
  readonly vapidKey: VapidPublicKey | undefined;
  /** ms since 1970. */
  readonly now: number;
  /** Tokens whose signatures need not be verified again. */
  readonly verified: VerifiedTokens;
}

/** What an `Authorization` says whose signature is good. */
export interface VerifiedToken {
  readonly publicKey: VapidPublicKey;
  readonly claims: JWTPayload;
}

/**
 * The latest of them, by the whole header. A sender uses its token for hours (RFC 8292 §2), and verifying it took a third
 * of what a push costs here.
 */
export type VerifiedTokens = RecentMap<string, VerifiedToken>;

/** What is wrong with an `Authorization`. */
export type VapidFault =
  | 'vapid-missing'
  | 'vapid-malformed'
  | 'vapid-key-mismatch'
  | 'vapid-bad-signature'
  | 'vapid-wrong-audience'
  | 'vapid-expired'
  | 'vapid-lives-too-long';

export type VapidVerdict =
  /** `claims` are absent where a subscription without a key was sent to without a token. */
  | { readonly type: 'verified'; readonly claims: JWTPayload | undefined }
  | { readonly type: 'refused'; readonly fault: VapidFault };

/**
 * Whether the sender is the application server that the subscription was made for (RFC 8292). Verified with jose rather
 * than with Belfry's own signer, so that a mistake in the signer cannot agree with itself. A subscription without a key
 * takes a push without `Authorization`, but not one with a bad one.
 */
export async function verifyVapid(
  authorization: string | undefined,
  expected: VapidExpectation,
): Promise<VapidVerdict> {
  const { origin, vapidKey, now, verified } = expected;
  if (authorization === undefined) {
    return vapidKey === undefined ? { type: 'verified', claims: undefined } : refuse('vapid-missing');
  }
  const token = verified.get(authorization) ?? (await verifySignature(authorization, now));
  if (typeof token === 'string') return refuse(token);
  const { publicKey, claims } = token;
  if (vapidKey !== undefined && publicKey !== vapidKey) return refuse('vapid-key-mismatch');
  if (claims.aud !== origin) return refuse('vapid-wrong-audience');
  // Now that it is known to be of the application server: a stranger's would push others out.
  verified.set(authorization, token);
  if (claims.exp === undefined || claims.exp > now / 1000 + MAX_VAPID_LIFETIME_SECONDS) {
    return refuse('vapid-lives-too-long');
  }
  return claims.exp <= now / 1000 ? refuse('vapid-expired') : { type: 'verified', claims };
}

async function verifySignature(authorization: string, now: number): Promise<VerifiedToken | VapidFault> {
  const credentials = parseVapidAuthorization(authorization);
  if (!credentials.ok) return 'vapid-malformed';
  const { token, publicKey } = credentials.value;
  try {
    const currentDate = new Date(now);
    const { payload } = await jwtVerify(token, toJwk(publicKey), { algorithms: ['ES256'], currentDate });
    return { publicKey, claims: payload };
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'vapid-expired';
    if (error instanceof errors.JWSSignatureVerificationFailed) return 'vapid-bad-signature';
    if (error instanceof errors.JOSEError) return 'vapid-malformed';
    throw error;
  }
}

function refuse(fault: VapidFault): VapidVerdict {
  return { type: 'refused', fault };
}

/** The two coordinates of the uncompressed point 0x04 ‖ x ‖ y. */
function toJwk(publicKey: VapidPublicKey): JWK {
  const point = Buffer.from(publicKey, 'base64url');
  return { kty: 'EC', crv: 'P-256', x: encodeBase64Url(point.subarray(1, 33)), y: encodeBase64Url(point.subarray(33)) };
}
