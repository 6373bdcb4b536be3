import { ECDH } from 'node:crypto';
import { decodeBase64Url } from './base64url.ts';

/** Bytes of an uncompressed P-256 point: 0x04, x, y (SEC 1 §2.3.3). */
export const POINT_BYTES = 65;

/**
 * An uncompressed point that lies on P-256, from unpadded base64url; undefined for anything else. A point off the curve
 * must not reach ECDH: it can leak the private key (invalid-curve attack), and it fails there with an error of its own.
 */
export function decodePoint(text: string): Uint8Array<ArrayBuffer> | undefined {
  const point = decodeBase64Url(text);
  if (point === undefined || point.length !== POINT_BYTES || point[0] !== 4) return undefined;
  try {
    // Decoding the point checks the curve's equation.
    ECDH.convertKey(point, 'prime256v1', undefined, undefined, 'compressed');
    return point;
  } catch {
    return undefined;
  }
}
