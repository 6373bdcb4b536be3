/** Largest body of a request that a browser sends. A subscription is under 1 kB; WNS's endpoints are the longest. */
export const MAX_BROWSER_BODY_BYTES: number = 16 * 1024;

/**
 * Largest body of `POST /send`: a message of 3993 bytes to 1000 users whose ids have 256 characters, every character of it
 * escaped (\u00e4, as some languages' JSON has them), is 1.5 MiB. Only who has an API key has a body read.
 */
export const MAX_SEND_BODY_BYTES: number = 2 * 1024 * 1024;

/** Largest body of `POST /receipts`: 100 with the longest ids and actions, every character of these escaped, are 58 KiB. */
export const MAX_RECEIPTS_BODY_BYTES: number = 64 * 1024;

/** How long `authenticate` or `authorizeTopic` may take. A session store that is down should not hold requests for longer. */
export const APPLICATION_TIMEOUT_MS = 10_000;

/** A longer answer of a push service is cut off. */
export const MAX_ANSWER_BYTES: number = 16 * 1024;

/** How long connecting to a push service may take: DNS, TCP, a proxy, TLS and HTTP/2's settings. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** How long one request to a push service may take, once it has a connection. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** An idle connection to a push service is closed after this. */
export const IDLE_SESSION_MS = 60_000;

/** Push services that have connections at once; so many known hosts there are not. */
export const MAX_LIVE_POOLS = 64;

/** Push services whose breaker and concurrency are remembered without a connection. */
export const MAX_REMEMBERED_ORIGINS = 1024;

/** VAPID tokens that are kept, one for each push service and key: about 600 bytes each. */
export const MAX_VAPID_TOKENS = 1_000;

/** Requests to one push service at once, whatever it would take: four of FCM's sessions of 100 streams. */
export const MAX_IN_FLIGHT_PER_ORIGIN = 400;

/** A further session is opened only where the streams of those that are there do not suffice. */
export const MAX_HTTP2_SESSIONS_PER_ORIGIN = 4;

/** Requests at once where there is no HTTP/2; Apple takes 100. */
export const MAX_HTTP1_CONNECTIONS_PER_ORIGIN = 32;

/** How long a process has a delivery or a chunk to itself; each page of a chunk renews it. */
export const LEASE_MS = 120_000;

/** What has not begun this long before its lease ends is left to the next: by then every request has ended. */
export const LEASE_MARGIN_MS: number = REQUEST_TIMEOUT_MS + 5_000;

/** Devices of one page of a broadcast: what a process that dies may have sent without a trace. */
export const PAGE_DEVICES = 200;

/** Parts of broadcasts that one push service is given at once, so that there is work while one of them is committed. */
export const CHUNKS_PER_ORIGIN = 4;

/** Parts of broadcasts that are under way at once. */
export const MAX_CHUNKS = 64;

/** A store that failed is asked again after this. */
export const STORE_RETRY_MS = 5_000;

/** While something waits, a look whether the clock was set is taken as often. */
export const CLOCK_WATCH_MS = 5_000;

/** A clock that is adjusted by less than this was not set: NTP turns it by milliseconds. */
export const CLOCK_STEP_MS = 1_000;

/** How long `close()` waits for requests in flight before it leaves them to the next start. */
export const CLOSE_TIMEOUT_MS = 5_000;

/** 28 days, the longest that FCM keeps a message; other services clamp to 30. */
export const DEFAULT_TTL_S: number = 28 * 24 * 3600;

/** Subscribing and unsubscribing: so many requests of one user or device in a minute; a page needs one a load. */
export const BROWSER_REQUESTS_PER_MINUTE = 60;

/** `POST /receipts`: so many requests of one device in a minute; its worker keeps what is refused, and sends it later. */
export const RECEIPT_REQUESTS_PER_MINUTE = 120;

/** `POST /send`: so many requests of one API key in a minute, which is what OneSignal allows in a second. */
export const SEND_REQUESTS_PER_MINUTE = 6_000;
