import { createHmac } from 'node:crypto';
import type { AuthSecret } from './subscription-keys.ts';

const KEY_INFO = Buffer.from('WebPush: info\0');
const CONTENT_KEY_INFO = Buffer.from('Content-Encoding: aes128gcm\0\x01');
const NONCE_INFO = Buffer.from('Content-Encoding: nonce\0\x01');
const ONE = Buffer.of(1);

export interface ContentKeys {
  /** AES-128-GCM key, 16 octets. */
  readonly key: Uint8Array;
  /** Nonce of the first and only record, 12 octets. */
  readonly nonce: Uint8Array;
}

/**
 * Key and nonce of a message (RFC 8291 §3.4): HKDF with the auth secret, then HKDF with the salt. Each expansion needs
 * one block only, so it is one HMAC; `hkdfSync` came to 3.6–15 µs where HMAC takes 2.3.
 */
export function deriveContentKeys(options: {
  readonly sharedSecret: Uint8Array;
  readonly auth: AuthSecret;
  readonly userAgentPublicKey: Uint8Array;
  readonly senderPublicKey: Uint8Array;
  readonly salt: Uint8Array;
}): ContentKeys {
  const keyInfo = Buffer.concat([KEY_INFO, options.userAgentPublicKey, options.senderPublicKey, ONE]);
  const inputKey = hmac(hmac(options.auth, options.sharedSecret), keyInfo);
  const contentSecret = hmac(options.salt, inputKey);
  return {
    key: hmac(contentSecret, CONTENT_KEY_INFO).subarray(0, 16),
    nonce: hmac(contentSecret, NONCE_INFO).subarray(0, 12),
  };
}

function hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(data).digest();
}
