import { type AuthSecret, branded, encodeBase64Url, encrypt, parseP256dh, readContentHeader } from '@belfry/protocol';
import { encryptAesgcm } from './aesgcm.ts';
import { supportedContentEncodings } from './constants.ts';
import type { ContentEncoding, EncryptionResult } from './types.ts';

/** Unknown, because what a caller without types may give is judged here, in web-push's words. */
export interface EncryptPayloadOptions {
  readonly p256dh: unknown;
  readonly auth: unknown;
  readonly payload: unknown;
  readonly contentEncoding: ContentEncoding;
  /** 16 random octets, for aesgcm. */
  readonly salt: () => Uint8Array;
}

/** What `encrypt` does. */
export function encryptPayload({ contentEncoding, salt, ...options }: EncryptPayloadOptions): EncryptionResult {
  const point = p256dhBytes(options.p256dh);
  const auth = authBytes(options.auth);
  const plaintext = plaintextBytes(options.payload);
  const isAesgcm = contentEncoding === supportedContentEncodings.AES_GCM;
  if (!isAesgcm && contentEncoding && contentEncoding !== supportedContentEncodings.AES_128_GCM) {
    throw new Error(`Unable to set context for mode ${String(contentEncoding)}`);
  }
  const p256dh = parseP256dh(encodeBase64Url(point));
  if (!p256dh.ok) throw new Error('Public key is not valid for specified curve');
  if (isAesgcm) {
    const octets = salt();
    const { body, senderPublicKey } = encryptAesgcm({ plaintext, p256dh: p256dh.value, auth, salt: octets });
    return { localPublicKey: senderPublicKey, salt: encodeBase64Url(octets), cipherText: body };
  }
  const body = encrypt({ plaintext, p256dh: p256dh.value, auth });
  const header = readContentHeader(body);
  if (!header.ok) throw new Error('The encrypted body has no header');
  return {
    localPublicKey: Buffer.from(header.value.senderPublicKey),
    salt: encodeBase64Url(header.value.salt),
    cipherText: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
  };
}

/** Of Node's base64url reading, which takes plain base64 too: stores hold both. */
function p256dhBytes(text: unknown): Buffer {
  if (!text) throw new Error('No user public key provided for encryption.');
  if (typeof text !== 'string') throw new Error('The subscription p256dh value must be a string.');
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== 65) throw new Error('The subscription p256dh value should be 65 bytes long.');
  return bytes;
}

/** RFC 8291 §3.2 says 16 octets; web-push takes more, and so do the user agents of other makers. */
function authBytes(text: unknown): AuthSecret {
  if (!text) throw new Error('No user auth provided for encryption.');
  if (typeof text !== 'string') throw new Error('The subscription auth key must be a string.');
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length < 16) throw new Error('The subscription auth key should be at least 16 bytes long');
  return branded(new Uint8Array(bytes));
}

function plaintextBytes(payload: unknown): Uint8Array {
  if (typeof payload === 'string') return Buffer.from(payload);
  if (Buffer.isBuffer(payload)) return payload;
  throw new Error('Payload must be either a string or a Node Buffer.');
}
