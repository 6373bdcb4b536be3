import type { Parsed } from '../brand.ts';
import { HEADER_BYTES } from '../limits.ts';
import { POINT_BYTES } from '../p256-point.ts';

const SALT_BYTES = 16;
const KEY_ID_OFFSET = SALT_BYTES + 4 + 1;

/** The header of an aes128gcm body (RFC 8188 §2.1), as RFC 8291 §4 narrows it: the key id is the sender's public key. */
export interface ContentHeader {
  /** 16 octets. */
  readonly salt: Uint8Array;
  /** Record size in octets; the one record may be shorter. */
  readonly recordSize: number;
  /** 65 octets, an uncompressed point. */
  readonly senderPublicKey: Uint8Array;
}

/** Writes the 86 octets at the start of `body`. */
export function writeContentHeader(body: Uint8Array, header: ContentHeader): void {
  body.set(header.salt, 0);
  new DataView(body.buffer, body.byteOffset, body.byteLength).setUint32(SALT_BYTES, header.recordSize, false);
  body[KEY_ID_OFFSET - 1] = POINT_BYTES;
  body.set(header.senderPublicKey, KEY_ID_OFFSET);
}

/** Reads the header of a body, without copying. */
export function readContentHeader(body: Uint8Array): Parsed<ContentHeader, 'malformed-body'> {
  if (body.length < HEADER_BYTES || body[KEY_ID_OFFSET - 1] !== POINT_BYTES) {
    return { ok: false, error: 'malformed-body' };
  }
  return {
    ok: true,
    value: {
      salt: body.subarray(0, SALT_BYTES),
      recordSize: new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(SALT_BYTES, false),
      senderPublicKey: body.subarray(KEY_ID_OFFSET, HEADER_BYTES),
    },
  };
}
