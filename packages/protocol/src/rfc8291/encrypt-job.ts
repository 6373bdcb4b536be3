import { ProtocolError } from '../errors.ts';
import { DELIMITER_BYTES, HEADER_BYTES, MAX_PLAINTEXT_BYTES, TAG_BYTES } from '../limits.ts';
import type { AuthSecret, P256dh } from './subscription-keys.ts';

/** One message for one subscription. */
export interface EncryptJob {
  /** At most 3993 bytes, padding included. */
  readonly plaintext: Uint8Array;
  readonly p256dh: P256dh;
  readonly auth: AuthSecret;
  /** Zero octets added behind the plaintext to hide its length; default 0. */
  readonly paddingBytes?: number;
}

/**
 * How many octets its body will have.
 *
 * @throws {ProtocolError} `payload-too-large`, `padding-too-large`
 */
export function encryptedLength({ plaintext, paddingBytes = 0 }: EncryptJob): number {
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
  return HEADER_BYTES + plaintext.length + DELIMITER_BYTES + paddingBytes + TAG_BYTES;
}
