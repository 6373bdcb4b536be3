/** Largest body that a push service must take (RFC 8030 §7.2), in bytes. */
export const MAX_BODY_BYTES = 4096;

/** Salt 16 + record size 4 + key id length 1 + key id 65 (RFC 8188 §2.1, RFC 8291 §4). */
export const HEADER_BYTES = 86;

/** AES-128-GCM's tag, and the delimiter octet that begins the padding (RFC 8188 §2). */
export const TAG_BYTES = 16;
export const DELIMITER_BYTES = 1;

/** Largest plaintext of one push message: 4096 − 86 − 16 − 1 = 3993 bytes (RFC 8291 §4). */
export const MAX_PLAINTEXT_BYTES: number = MAX_BODY_BYTES - HEADER_BYTES - TAG_BYTES - DELIMITER_BYTES;
