import { type EncryptJob, encryptedLength } from '@belfry/protocol';

const POINT_BYTES = 65;
const AUTH_BYTES = 16;
/** In front of each plaintext: p256dh, auth, the plaintext's length and the padding's, 16 bits each, big endian. */
const JOB_HEADER_BYTES: number = POINT_BYTES + AUTH_BYTES + 4;

export interface PackedJobs {
  /** The jobs as addon.c reads them. */
  readonly packed: Uint8Array;
  /** What it will answer for each. */
  readonly bodyLengths: readonly number[];
}

/**
 * @throws {ProtocolError} `payload-too-large`, `padding-too-large`
 * @throws TypeError a key is of another length than its brand says
 */
export function packJobs(jobs: readonly EncryptJob[]): PackedJobs {
  const bodyLengths = jobs.map(encryptedLength);
  const packed = Buffer.alloc(jobs.reduce((sum, { plaintext }) => sum + JOB_HEADER_BYTES + plaintext.length, 0));
  let at = 0;
  for (const { p256dh, auth, plaintext, paddingBytes = 0 } of jobs) {
    if (p256dh.length !== POINT_BYTES || auth.length !== AUTH_BYTES) {
      throw new TypeError(`A p256dh has ${POINT_BYTES} bytes, an auth ${AUTH_BYTES}`);
    }
    packed.set(p256dh, at);
    packed.set(auth, at + POINT_BYTES);
    packed.writeUInt16BE(plaintext.length, at + POINT_BYTES + AUTH_BYTES);
    packed.writeUInt16BE(paddingBytes, at + POINT_BYTES + AUTH_BYTES + 2);
    packed.set(plaintext, at + JOB_HEADER_BYTES);
    at += JOB_HEADER_BYTES + plaintext.length;
  }
  return { packed, bodyLengths };
}
