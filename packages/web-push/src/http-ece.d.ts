/** What the tests of this package call of `http_ece` 1.2.1, which ships no types: both encodings, with Web Push's keys. */
declare module 'http_ece' {
  import type { ECDH } from 'node:crypto';

  interface PushOptions {
    version: 'aes128gcm' | 'aesgcm';
    /** The private key of whoever calls. */
    privateKey: ECDH;
    /** In base64url. */
    authSecret: string;
    /** The other side's public key in base64url; not for decrypting aes128gcm, which has it in the body. */
    dh?: string;
    /** 16 octets in base64url; of aesgcm. */
    salt?: string;
  }

  export function encrypt(plaintext: Buffer, options: PushOptions): Buffer;
  export function decrypt(body: Buffer, options: PushOptions): Buffer;
}
