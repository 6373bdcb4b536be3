import { branded, type PushServiceOrigin, vapidAuthorization } from '@belfry/protocol';
import { supportedContentEncodings } from './constants.ts';
import type { ContentEncoding } from './types.ts';
import { checkVapidDetails, type GivenVapidDetails } from './vapid-details.ts';
import { signed, type VapidTokens } from './vapid-tokens.ts';

const MAX_EXPIRATION_S = 24 * 3600;

export interface VapidHeadersOptions {
  readonly audience: string;
  readonly details: GivenVapidDetails;
  readonly contentEncoding: ContentEncoding;
  /** Seconds since 1970; anything falsy for 12 h from now. */
  readonly expiration?: number | undefined;
}

export interface VapidHeaders {
  Authorization: string;
  /** Of aesgcm only. */
  'Crypto-Key'?: string;
}

/** What `getVapidHeaders` does. */
export function vapidHeaders(
  options: VapidHeadersOptions,
  { tokens, warn }: { readonly tokens: VapidTokens; readonly warn: (message: string) => void },
): VapidHeaders {
  const { expiration, contentEncoding } = options;
  const audience = checkAudience(options.audience);
  const details = checkVapidDetails(options.details, warn);
  const token = expiration
    ? signed(details, { audience, expiresAt: checkExpiration(expiration, tokens.nowSeconds()) })
    : tokens.recent(audience, details);
  const { publicKey } = details;
  switch (contentEncoding) {
    case supportedContentEncodings.AES_128_GCM:
      return { Authorization: vapidAuthorization({ token, publicKey }) };
    case supportedContentEncodings.AES_GCM:
      return { Authorization: `WebPush ${token}`, 'Crypto-Key': `p256ecdsa=${publicKey}` };
    default:
      throw new Error('Unsupported encoding type specified.');
  }
}

function checkAudience(audience: string): PushServiceOrigin {
  if (!audience) throw new Error('No audience could be generated for VAPID.');
  if (typeof audience !== 'string') {
    throw new Error(`The audience value must be a string containing the origin of a push service. ${String(audience)}`);
  }
  if (!URL.canParse(audience)) throw new Error(`VAPID audience is not a url. ${audience}`);
  return branded(audience);
}

function checkExpiration(expiration: number, nowSeconds: number): number {
  if (!Number.isInteger(expiration)) {
    throw new Error('`expiration` value must be a number');
  }
  if (expiration < 0) throw new Error('`expiration` must be a positive integer');
  if (expiration >= nowSeconds + MAX_EXPIRATION_S) {
    throw new Error('`expiration` value is greater than maximum of 24 hours');
  }
  return expiration;
}
