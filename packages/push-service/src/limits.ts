/** Mozilla's service keeps an undelivered message for 30 days at most and says so in the answer's `TTL`; seconds. */
export const MAX_TTL_SECONDS = 2_592_000;

/** A VAPID token may expire at most 24 h ahead (RFC 8292 §2); seconds. */
export const MAX_VAPID_LIFETIME_SECONDS = 86_400;

/** Largest frame that a user agent may send. Firefox's longest, an ack, has about 200 bytes. */
export const MAX_FRAME_BYTES = 65_536;

/**
 * How long a closing WebSocket may take before its TCP connection is destroyed. Firefox never answers a close frame and
 * reconnects only once TCP has ended (measured, ESR 153): waiting for it would hang for as long as its ping interval.
 */
export const CLOSE_GRACE_MS = 50;
