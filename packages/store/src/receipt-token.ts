import { hash } from 'node:crypto';
import type { Binding } from './ids.ts';

/** Bytes of the random key that each message has. */
export const RECEIPT_KEY_BYTES = 16;

/** Characters of a token: 12 bytes in base64url. */
export const RECEIPT_TOKEN_LENGTH = 16;

/**
 * What a message carries to one device, and what that device reports it with: the first 12 bytes of SHA-256(key ‖ binding) in
 * base64url. Nobody else can guess it, as only the server has the key. A keyed hash (HMAC) would take twice the time and protects
 * nothing more: the key has a fixed length, and a token is only a part of the hash, so it cannot be extended.
 */
export function receiptToken(receiptKey: Uint8Array, binding: Binding): string {
  const input = Buffer.allocUnsafe(receiptKey.length + Buffer.byteLength(binding));
  input.set(receiptKey);
  input.write(binding, receiptKey.length);
  return hash('sha256', input, 'base64url').slice(0, RECEIPT_TOKEN_LENGTH);
}
