import { createECDH, createPrivateKey, type KeyObject } from 'node:crypto';
import { decodeBase64Url, encodeBase64Url } from '../base64url.ts';
import { type Brand, branded, type Parsed } from '../brand.ts';
import { decodePoint } from '../p256-point.ts';

/** An application server's public key: unpadded base64url of 65 octets (RFC 8292 §3.2, Push API `applicationServerKey`). */
export type VapidPublicKey = Brand<string, 'VapidPublicKey'>;

/** An application server's private key: unpadded base64url of 32 octets. Secret: never logged. */
export type VapidPrivateKey = Brand<string, 'VapidPrivateKey'>;

/** A pair that belongs together, in the encoding that every Web Push library reads and writes. */
export interface VapidKeys {
  readonly publicKey: VapidPublicKey;
  readonly privateKey: VapidPrivateKey;
}

const PRIVATE_KEY_BYTES = 32;

/** A new pair on P-256. */
export function generateVapidKeys(): VapidKeys {
  const ecdh = createECDH('prime256v1');
  ecdh.generateKeys();
  return {
    publicKey: branded(encodeBase64Url(ecdh.getPublicKey())),
    privateKey: branded(encodeBase64Url(leftPad(ecdh.getPrivateKey()))),
  };
}

/** Unpadded base64url of a point on P-256. */
export function parseVapidPublicKey(text: string): Parsed<VapidPublicKey, 'invalid-vapid-public-key'> {
  return decodePoint(text) === undefined
    ? { ok: false, error: 'invalid-vapid-public-key' }
    : { ok: true, value: branded(text) };
}

export type VapidKeysError = 'invalid-vapid-public-key' | 'invalid-vapid-private-key' | 'vapid-keys-mismatch';

/** Both halves well formed, and halves of one pair: a mixed pair would sign tokens that no push service takes. */
export function parseVapidKeys(pair: { publicKey: string; privateKey: string }): Parsed<VapidKeys, VapidKeysError> {
  const publicKey = parseVapidPublicKey(pair.publicKey);
  if (!publicKey.ok) return publicKey;
  const secret = decodeBase64Url(pair.privateKey);
  if (secret?.length !== PRIVATE_KEY_BYTES) return { ok: false, error: 'invalid-vapid-private-key' };
  const ecdh = createECDH('prime256v1');
  try {
    ecdh.setPrivateKey(secret);
  } catch {
    return { ok: false, error: 'invalid-vapid-private-key' };
  }
  return encodeBase64Url(ecdh.getPublicKey()) === publicKey.value
    ? { ok: true, value: { publicKey: publicKey.value, privateKey: branded(pair.privateKey) } }
    : { ok: false, error: 'vapid-keys-mismatch' };
}

/** The private key as Node signs with it. */
export function toSigningKey({ publicKey, privateKey }: VapidKeys): KeyObject {
  const point = Buffer.from(publicKey, 'base64url');
  return createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: encodeBase64Url(point.subarray(1, 33)),
      y: encodeBase64Url(point.subarray(33)),
      d: privateKey,
    },
  });
}

/** `ECDH.getPrivateKey` drops leading zero octets, one key in 256. */
function leftPad(key: Uint8Array): Uint8Array {
  const padded = new Uint8Array(PRIVATE_KEY_BYTES);
  padded.set(key, PRIVATE_KEY_BYTES - key.length);
  return padded;
}
