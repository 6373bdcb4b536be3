import { createCipheriv, randomFillSync } from 'node:crypto';
import { HEADER_BYTES, MAX_BODY_BYTES, TAG_BYTES } from '../limits.ts';
import { writeContentHeader } from '../rfc8188/content-header.ts';
import { agreeOnSecret } from './agree-on-secret.ts';
import { deriveContentKeys } from './derive-content-keys.ts';
import { type EncryptJob, encryptedLength } from './encrypt-job.ts';

/** What must be fresh for every message: reusing either breaks AES-GCM (RFC 8291 §2, RFC 8188 §4.3). */
export interface EncryptionRandom {
  /** 16 random octets. */
  salt(): Uint8Array;
  /** A P-256 private key of 32 octets, or undefined for one that the crypto library makes. */
  privateKey?(): Uint8Array;
}

const SALT_BYTES = 16;
/** Drawn 256 at a time, 0.1 µs each instead of 1.4. A salt is public: it may wait in memory. */
const salts = Buffer.alloc(256 * SALT_BYTES);
let saltsUsed = salts.length;

const systemRandom: EncryptionRandom = {
  salt() {
    if (saltsUsed === salts.length) {
      randomFillSync(salts);
      saltsUsed = 0;
    }
    return salts.subarray(saltsUsed, (saltsUsed += SALT_BYTES));
  },
};

export type EncryptOptions = EncryptJob;

/**
 * The body of a push message: one aes128gcm record for one subscription (RFC 8291 §3–4).
 *
 * The record size says 4096, more than the record is long, as RFC 8188 §2 asks of a last record.
 *
 * @throws {ProtocolError} `payload-too-large`, `padding-too-large`
 */
export function encrypt(options: EncryptOptions, random: EncryptionRandom = systemRandom): Uint8Array {
  const body = new Uint8Array(encryptedLength(options));
  const { plaintext, p256dh, auth } = options;
  const { senderPublicKey, sharedSecret } = agreeOnSecret(p256dh, random.privateKey?.());
  const salt = random.salt();
  writeContentHeader(body, { salt, recordSize: MAX_BODY_BYTES, senderPublicKey });

  // Plaintext, delimiter and padding, which is zeros (RFC 8188 §2), encrypted where they stand.
  const record = body.subarray(HEADER_BYTES, -TAG_BYTES);
  record.set(plaintext);
  record[plaintext.length] = 2;
  const { key, nonce } = deriveContentKeys({ sharedSecret, auth, userAgentPublicKey: p256dh, senderPublicKey, salt });
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  record.set(cipher.update(record));
  cipher.final();
  body.set(cipher.getAuthTag(), body.length - TAG_BYTES);
  return body;
}
