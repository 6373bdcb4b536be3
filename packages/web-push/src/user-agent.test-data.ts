import { createECDH, type ECDH, randomBytes } from 'node:crypto';
import httpEce from 'http_ece';
import type { EncryptionResult, PushSubscription } from './types.ts';

/** A subscription, and the private key that opens what is sent to it. */
export interface UserAgent {
  readonly subscription: PushSubscription;
  /** The payload of a body, as http_ece reads it. */
  open(encrypted: EncryptionResult, contentEncoding: 'aes128gcm' | 'aesgcm'): Buffer;
  readonly privateKey: ECDH;
}

/** WNS's %2b must survive, and the port belongs to the audience. */
export const ENDPOINT = 'https://push.example.net:8443/w/?token=BQYAAAC%2b';

export function aUserAgent(options: { readonly endpoint?: string; readonly authBytes?: number } = {}): UserAgent {
  const privateKey = createECDH('prime256v1');
  const p256dh = privateKey.generateKeys('base64url');
  const auth = randomBytes(options.authBytes ?? 16).toString('base64url');
  return {
    subscription: { endpoint: options.endpoint ?? ENDPOINT, expirationTime: null, keys: { p256dh, auth } },
    privateKey,
    open: ({ cipherText, salt, localPublicKey }, version) =>
      httpEce.decrypt(cipherText, {
        version,
        privateKey,
        authSecret: auth,
        ...(version === 'aesgcm' && { salt, dh: localPublicKey.toString('base64url') }),
      }),
  };
}
