import { createCipheriv, createECDH, randomBytes } from 'node:crypto';
import { ProtocolError } from '../errors.ts';
import { DELIMITER_BYTES, HEADER_BYTES, MAX_BODY_BYTES, MAX_PLAINTEXT_BYTES, TAG_BYTES } from '../limits.ts';
import { writeContentHeader } from '../rfc8188/content-header.ts';
import { deriveContentKeys } from './derive-content-keys.ts';
import type { AuthSecret, P256dh } from './subscription-keys.ts';

/** What must be fresh for every message: reusing either breaks AES-GCM (RFC 8291 §2, RFC 8188 §4.3). */
export interface EncryptionRandom {
  /** 16 random octets. */
  salt(): Uint8Array;
  /** A P-256 private key of 32 octets, or undefined for one that the crypto library makes. */
  privateKey?(): Uint8Array;
}

const systemRandom: EncryptionRandom = { salt: () => randomBytes(16) };

export interface EncryptOptions {
  /** At most 3993 bytes, padding included. */
  readonly plaintext: Uint8Array;
  readonly p256dh: P256dh;
  readonly auth: AuthSecret;
  /** Zero octets added behind the plaintext to hide its length; default 0. */
  readonly paddingBytes?: number;
}

/**
 * The body of a push message: one aes128gcm record for one subscription (RFC 8291 §3–4).
 *
 * The record size says 4096, more than the record is long, as RFC 8188 §2 asks of a last record.
 *
 * @throws {ProtocolError} `payload-too-large`, `padding-too-large`
 */
export function encrypt(options: EncryptOptions, random: EncryptionRandom = systemRandom): Uint8Array {
  const { plaintext, paddingBytes = 0 } = options;
  if (plaintext.length > MAX_PLAINTEXT_BYTES) {
    throw new ProtocolError(
      'payload-too-large',
      `A push message holds at most ${MAX_PLAINTEXT_BYTES} bytes of plaintext; this one has ${plaintext.length}`,
    );
  }
  if (!Number.isInteger(paddingBytes) || paddingBytes < 0 || plaintext.length + paddingBytes > MAX_PLAINTEXT_BYTES) {
    throw new ProtocolError(
      'padding-too-large',
      `Padding must be a whole number of bytes that leaves plaintext and padding within ${MAX_PLAINTEXT_BYTES}`,
    );
  }

  const sender = createECDH('prime256v1');
  const privateKey = random.privateKey?.();
  if (privateKey === undefined) sender.generateKeys();
  else sender.setPrivateKey(privateKey);
  const senderPublicKey = sender.getPublicKey();
  const salt = random.salt();
  const { key, nonce } = deriveContentKeys({
    sharedSecret: sender.computeSecret(options.p256dh),
    auth: options.auth,
    userAgentPublicKey: options.p256dh,
    senderPublicKey,
    salt,
  });

  const padding = new Uint8Array(DELIMITER_BYTES + paddingBytes);
  padding[0] = 2;
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  const body = new Uint8Array(HEADER_BYTES + plaintext.length + padding.length + TAG_BYTES);
  writeContentHeader(body, { salt, recordSize: MAX_BODY_BYTES, senderPublicKey });
  body.set(cipher.update(plaintext), HEADER_BYTES);
  body.set(cipher.update(padding), HEADER_BYTES + plaintext.length);
  cipher.final();
  body.set(cipher.getAuthTag(), body.length - TAG_BYTES);
  return body;
}
