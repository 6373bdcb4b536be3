import { createDecipheriv, createECDH } from 'node:crypto';
import type { Parsed } from '../brand.ts';
import { DELIMITER_BYTES, HEADER_BYTES, TAG_BYTES } from '../limits.ts';
import { readContentHeader } from '../rfc8188/content-header.ts';
import { deriveContentKeys } from './derive-content-keys.ts';
import type { AuthSecret } from './subscription-keys.ts';

/**
 * `malformed-body`: not one record of aes128gcm with a P-256 key id. `decryption-failed`: made for another subscription,
 * or changed on the way.
 */
export type DecryptError = 'malformed-body' | 'decryption-failed';

export interface DecryptOptions {
  /** The body as the push service delivered it. */
  readonly body: Uint8Array;
  /** The user agent's private key, 32 octets. */
  readonly privateKey: Uint8Array;
  readonly auth: AuthSecret;
}

/** The plaintext of a push message, as a user agent recovers it (RFC 8291 §3–4, RFC 8188 §2). */
export function decrypt(options: DecryptOptions): Parsed<Uint8Array, DecryptError> {
  const header = readContentHeader(options.body);
  if (!header.ok) return header;
  const record = options.body.subarray(HEADER_BYTES);
  // RFC 8291 §4: exactly one record.
  if (record.length < DELIMITER_BYTES + TAG_BYTES || record.length > header.value.recordSize) {
    return { ok: false, error: 'malformed-body' };
  }
  const padded = openRecord(options, { ...header.value, record });
  if (padded === undefined) return { ok: false, error: 'decryption-failed' };
  const end = padded.findLastIndex((octet) => octet !== 0);
  // The last record's delimiter is 2; padding is zeros behind it (RFC 8188 §2).
  if (end === -1 || padded[end] !== 2) return { ok: false, error: 'malformed-body' };
  return { ok: true, value: padded.subarray(0, end) };
}

function openRecord(
  { privateKey, auth }: DecryptOptions,
  { salt, senderPublicKey, record }: { salt: Uint8Array; senderPublicKey: Uint8Array; record: Uint8Array },
): Uint8Array | undefined {
  const userAgent = createECDH('prime256v1');
  userAgent.setPrivateKey(privateKey);
  try {
    const { key, nonce } = deriveContentKeys({
      sharedSecret: userAgent.computeSecret(senderPublicKey),
      auth,
      userAgentPublicKey: userAgent.getPublicKey(),
      senderPublicKey,
      salt,
    });
    const decipher = createDecipheriv('aes-128-gcm', key, nonce);
    decipher.setAuthTag(record.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(record.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch {
    // A sender key off the curve, or a tag that does not match.
    return undefined;
  }
}
