import { createHash } from 'node:crypto';
import { decodeBase64Url } from '@belfry/protocol';

const SECRET_BYTES = 32;

/**
 * What the store keeps of a device secret: its SHA-256, which does, as the secret has 256 random bits. Undefined where the
 * text is not 32 bytes in unpadded base64url.
 */
export function hashSecret(text: string): Uint8Array | undefined {
  const secret = decodeBase64Url(text);
  if (secret?.length !== SECRET_BYTES) return undefined;
  return new Uint8Array(createHash('sha256').update(secret).digest());
}
