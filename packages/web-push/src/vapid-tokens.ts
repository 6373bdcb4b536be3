import { createPrivateKey, type KeyObject } from 'node:crypto';
import { createVapidToken, type PushServiceOrigin, type VapidPrivateKey } from '@belfry/protocol';
import type { CheckedVapidDetails } from './vapid-details.ts';

/** What web-push gives its tokens. */
const LIFETIME_S = 12 * 3600;
/**
 * How long a token is used again: whoever gets one may keep it for the 12 h that they know from web-push, so that its
 * last hours are not given away. Signing once per hour costs nothing any more, and Apple wants it no more than hourly.
 */
const REUSE_S = 3600;
/** More than there are push services; endpoints come from strangers, so there must be an end. */
const MAX_TOKENS = 1000;

/** A P-256 private key in DER (RFC 5915 §3), before and behind its 32 octets. */
const SEC1_HEAD = Buffer.from('30310201010420', 'hex');
const SEC1_CURVE = Buffer.from('a00a06082a8648ce3d030107', 'hex');

/** Tokens by audience, subject and key: a signature costs more than a third of what else there is to do for a message. */
export class VapidTokens {
  readonly #nowMs: () => number;
  readonly #tokens = new Map<string, { readonly token: string; readonly signedAt: number }>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** One that is good for 11 to 12 h. */
  recent(audience: PushServiceOrigin, details: CheckedVapidDetails): string {
    const key = JSON.stringify([audience, details.subject, details.privateKey]);
    const now = this.nowSeconds();
    const known = this.#tokens.get(key);
    // A clock that was set back makes a new one, too.
    if (known !== undefined && now >= known.signedAt && now < known.signedAt + REUSE_S) return known.token;
    const token = signed(details, { audience, expiresAt: now + LIFETIME_S });
    if (this.#tokens.size >= MAX_TOKENS) this.#tokens.clear();
    this.#tokens.set(key, { token, signedAt: now });
    return token;
  }

  /** Seconds since 1970. */
  nowSeconds(): number {
    return Math.floor(this.#nowMs() / 1000);
  }
}

/** A token that ends when the caller says. */
export function signed(
  { subject, privateKey }: CheckedVapidDetails,
  options: { readonly audience: PushServiceOrigin; readonly expiresAt: number },
): string {
  return createVapidToken({ ...options, subject, signingKey: signingKey(privateKey) });
}

/** From the private key alone: web-push, too, signs whatever public key is set beside it. */
function signingKey(privateKey: VapidPrivateKey): KeyObject {
  const key = Buffer.concat([SEC1_HEAD, Buffer.from(privateKey, 'base64url'), SEC1_CURVE]);
  return createPrivateKey({ format: 'der', type: 'sec1', key });
}
