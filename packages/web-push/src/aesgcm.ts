import { createCipheriv, createECDH, hkdfSync } from 'node:crypto';
import { MAX_BODY_BYTES, ProtocolError } from '@belfry/protocol';

/** Octets that give the padding's length, before the plaintext (draft-ietf-httpbis-encryption-encoding-03 §2). */
const PADDING_LENGTH_BYTES = 2;
const TAG_BYTES = 16;

/** Largest plaintext of one aesgcm message: what is left of the body that every push service takes (RFC 8030 §7.2). */
const MAX_AESGCM_PLAINTEXT_BYTES = MAX_BODY_BYTES - PADDING_LENGTH_BYTES - TAG_BYTES;

export interface AesgcmOptions {
  readonly plaintext: Uint8Array;
  /** 65 octets. */
  readonly p256dh: Uint8Array;
  readonly auth: Uint8Array;
  /** 16 random octets. */
  readonly salt: Uint8Array;
}

/**
 * One record of the encoding that came before aes128gcm (draft-ietf-webpush-encryption-04): salt and public key go into
 * the headers `Encryption` and `Crypto-Key`.
 *
 * @throws {ProtocolError} `payload-too-large`
 */
export function encryptAesgcm(options: AesgcmOptions): { body: Buffer; senderPublicKey: Buffer } {
  const { plaintext, p256dh, auth, salt } = options;
  if (plaintext.length > MAX_AESGCM_PLAINTEXT_BYTES) {
    throw new ProtocolError(
      'payload-too-large',
      `An aesgcm push message holds at most ${MAX_AESGCM_PLAINTEXT_BYTES} bytes of plaintext; this one has ${plaintext.length}`,
    );
  }
  const sender = createECDH('prime256v1');
  const senderPublicKey = sender.generateKeys();
  const secret = hkdf(sender.computeSecret(p256dh), { salt: auth, info: 'Content-Encoding: auth\0', bytes: 32 });
  const context = Buffer.concat([Buffer.from('P-256\0'), withLength(p256dh), withLength(senderPublicKey)]);
  const key = hkdf(secret, { salt, info: labelled('aesgcm', context), bytes: 16 });
  const nonce = hkdf(secret, { salt, info: labelled('nonce', context), bytes: 12 });
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  const unpadded = Buffer.concat([Buffer.alloc(PADDING_LENGTH_BYTES), plaintext]);
  return { body: Buffer.concat([cipher.update(unpadded), cipher.final(), cipher.getAuthTag()]), senderPublicKey };
}

function labelled(label: string, context: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`Content-Encoding: ${label}\0`), context]);
}

function withLength(key: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(0, key.length), key]);
}

function hkdf(
  inputKey: Uint8Array,
  { salt, info, bytes }: { salt: Uint8Array; info: string | Uint8Array; bytes: number },
): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', inputKey, salt, info, bytes));
}
