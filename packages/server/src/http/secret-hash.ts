import { createHash } from 'node:crypto';

/** What the store keeps of a device secret. A plain hash does: the secret has 256 random bits. */
export function hashSecret(secret: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(secret).digest());
}
