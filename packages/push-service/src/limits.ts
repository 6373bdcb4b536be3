/** Mozilla's service keeps an undelivered message for 30 days at most and says so in the answer's `TTL`; seconds. */
export const MAX_TTL_SECONDS = 2_592_000;

/** How often expired messages are looked for, and how many are dropped at once. None is delivered meanwhile. */
export const SWEEP_INTERVAL_MS = 1000;
export const SWEEP_ROWS = 1000;

/** Defaults of `startPushService`: more than one process can take, and 40 MB of the longest messages. */
export const DEFAULT_MAX_PUSHES_PER_MINUTE = 600_000;
export const DEFAULT_MAX_PENDING = 10_000;

/** One PING for each listener on an HTTP/2 connection; with Node's default of 10, the eleventh could not be sent. */
export const MAX_OUTSTANDING_PINGS = 1000;

/** A receipt subscription expires (RFC 8030 §7.3) when nothing was sent or asked with it for twice the longest TTL. */
export const RECEIPT_SUBSCRIPTION_LIFETIME_MS: number = 2 * MAX_TTL_SECONDS * 1000;

/** How many waiting messages a user agent is sent at once when it comes back: 550 kB of the longest. */
export const PENDING_PAGE = 100;

/** How many receipts are under way at once to one listener. */
export const RECEIPT_PAGE = 100;

/** What a sender is told to wait where it cannot be computed: as long as Mozilla's service says with a 503; seconds. */
export const RETRY_AFTER_SECONDS = 120;

/** How many verified VAPID tokens are remembered, of about 500 bytes: one for each sender and origin. */
export const MAX_VERIFIED_TOKENS = 1000;

/** A VAPID token may expire at most 24 h ahead (RFC 8292 §2); seconds. */
export const MAX_VAPID_LIFETIME_SECONDS = 86_400;

/**
 * Largest frame that a user agent may send. Firefox's longest, an ack, has about 200 bytes; Chromium's, a login, 143 and
 * 24 for each message that it has received before.
 */
export const MAX_FRAME_BYTES = 65_536;

/**
 * How long a closing WebSocket may take before its TCP connection is destroyed. Firefox never answers a close frame and
 * reconnects only once TCP has ended (measured, ESR 153): waiting for it would hang for as long as its ping interval.
 */
export const CLOSE_GRACE_MS = 50;

/** Largest check-in or registration. Chromium's longest, a registration, has about 400 bytes and an origin. */
export const MAX_GCM_REQUEST_BYTES = 16_384;

/** Default of `startPushService`: how many pushes are kept to be looked at, 4 MB of the longest. */
export const DEFAULT_KEPT_PUSHES = 1000;

/** How many subscriptions are listed at once, of maybe thousands that ended. */
export const MAX_LISTED_SUBSCRIPTIONS = 1000;

/** For how long a push with TTL 0 is kept when it is sent again; seconds. */
export const RESEND_TTL_SECONDS = 60;

/** How long a message may wait to be written together with others; an idle local user agent acknowledges it sooner. */
export const FLUSH_DELAY_MS = 5;

/** Of how many subscriptions a push needs no look into the database: about 4 MB. */
export const RECENT_CHANNELS = 10_000;

/** How long a statement waits where another process inspects the database in a way that locks it. */
export const BUSY_TIMEOUT_MS = 1000;

/**
 * What may wait for a user agent that does not read: 4,000 of the longest messages. More than that ends its connection; what
 * is kept comes with the next.
 */
export const MAX_UNREAD_BYTES = 16_777_216;
