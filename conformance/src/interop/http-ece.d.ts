/** What Belfry's tests call of `http_ece` 1.2.1, which ships no types: RFC 8188 with the keys of RFC 8291. */
declare module 'http_ece' {
  import type { ECDH } from 'node:crypto';

  interface Options {
    version: 'aes128gcm';
    /** The private key of whoever calls. */
    privateKey: ECDH;
    /** 16 octets in base64url. */
    authSecret: string;
    /** The receiver's public key in base64url; when encrypting. */
    dh?: string;
    /** Record size in octets; default 4096. */
    rs?: number;
    /** Octets of padding; default 0. */
    pad?: number;
  }

  export function encrypt(plaintext: Buffer, options: Options): Buffer;
  export function decrypt(body: Buffer, options: Options): Buffer;
}
