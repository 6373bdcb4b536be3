/** Largest body of a request that a browser sends. A subscription is under 1 kB; WNS's endpoints are the longest. */
export const MAX_BROWSER_BODY_BYTES: number = 16 * 1024;

/**
 * Largest body of `POST /send`: a message, and 1000 users whose ids have up to 180 characters. JSON.parse holds up everybody else:
 * 192 KiB of small objects with names of their own take it 20 to 30 ms, and 2 MiB of them 250.
 */
export const MAX_SEND_BODY_BYTES: number = 192 * 1024;

/** Characters and values of a message that are read at all: a push has 3993 bytes, and a message that is somewhat larger is told how much. */
export const MAX_MESSAGE_WEIGHT: number = 32 * 1024;

/** Largest body of `POST /receipts`: 100 with the longest ids and actions, every character of these escaped, are 58 KiB. */
export const MAX_RECEIPTS_BODY_BYTES: number = 64 * 1024;

/** How long the body of a request may take to arrive; 16 KiB in 5 s are 26 kbit/s. */
export const BODY_TIMEOUT_MS = 5_000;

/** What is read and forgotten of a body that was refused: nginx passes bodies of up to 1 MiB on by default. */
export const MAX_DISCARDED_BYTES: number = 2 * 1024 * 1024;
/** How long it may take to arrive. Then the connection is closed. */
export const DISCARD_BODY_MS = 2_000;

/** How long `authenticate` or `authorizeTopic` may take. A session store that is down should not hold requests for longer. */
export const APPLICATION_TIMEOUT_MS = 10_000;

/** A longer answer of a push service is cut off. */
export const MAX_ANSWER_BYTES: number = 16 * 1024;

/** How long connecting to a push service may take: DNS, TCP, a proxy, TLS and HTTP/2's settings. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** How long one request to a push service may take, once it has a connection. */
export const REQUEST_TIMEOUT_MS = 30_000;

/**
 * The same for an origin that has not answered within the last hour: FCM, Mozilla and Apple connect and answer within 0.3 s from
 * anywhere. Such an origin has one of few places meanwhile, so that 3 s and 5 s are as long as the others can wait.
 */
export const UNPROVEN_CONNECT_TIMEOUT_MS = 3_000;
export const UNPROVEN_REQUEST_TIMEOUT_MS = 5_000;

/** An origin counts as proven for so long after an answer, whatever that was. */
export const PROVEN_MS = 3_600_000;

/**
 * How long the rest of a response may take after its headers: 16 KiB at most are read, and nobody needs them. A server that
 * sends a byte a second would otherwise keep its place until the request times out.
 */
export const RESPONSE_BODY_TIMEOUT_MS = 5_000;

/**
 * 1xx responses before the response proper. One 100 or 103 is usual, and no push service sends any; a server that never stops
 * took a third of a core for 30 s.
 */
export const MAX_INTERIM_RESPONSES = 10;

/**
 * What a connection may receive before it is taken for a flood: so much more than its requests can have asked for, so much more
 * for each request (16 KiB of headers over HTTP/1.1, 64 KiB over HTTP/2, 16 KiB of body, and what is on its way when that is cut
 * off), and so much more each second, for a PING now and then.
 */
export const MAX_CONNECTION_BYTES: number = 64 * 1024;
export const MAX_BYTES_PER_REQUEST: number = 128 * 1024;
export const MAX_IDLE_BYTES_PER_SECOND = 1024;

/** How often a connection's bytes are counted: a flood ends after so long at most. */
export const FLOOD_CHECK_MS = 1_000;

/** An idle connection to a push service is closed after this. */
export const IDLE_SESSION_MS = 60_000;

/** Push services that have connections at once; so many known hosts there are not. */
export const MAX_LIVE_POOLS = 64;

/**
 * How many of these may be of unproven origins: those that have not answered within the last hour and are no known push service.
 * WNS has some 60 hosts, which answer within 0.3 s, so that 16 places are enough to get to know them all within ten seconds.
 */
export const MAX_UNPROVEN_POOLS = 16;

/**
 * Connections to unproven origins that are begun in a second, all together. A choice, not a measurement: what
 * a handshake that fails costs was not measured.
 */
export const UNPROVEN_ATTEMPTS_PER_SECOND = 20;

/** Requests that wait for one unproven origin: a page of a broadcast. What is more is not kept in memory. */
export const MAX_WAITING_UNPROVEN = 200;

/** DNS look-ups for unproven origins at once: the system's have four threads, and a silent name server keeps one for 10 s or more. */
export const MAX_UNPROVEN_LOOKUPS = 2;

/** Push services whose breaker and concurrency are remembered without a connection; unproven ones are forgotten first. */
export const MAX_REMEMBERED_ORIGINS = 1024;

/** VAPID tokens that are kept, one for each push service and key: about 600 bytes each. */
export const MAX_VAPID_TOKENS = 1_000;

/** Requests to one push service at once, whatever it would take: four of FCM's sessions of 100 streams. */
export const MAX_IN_FLIGHT_PER_ORIGIN = 400;

/** Of these for one user's devices, and at most half of what the origin takes now. */
export const MAX_IN_FLIGHT_PER_USER = 8;

/** Requests to one push service that wait for one user's devices because of that limit. What is more comes again later. */
export const MAX_PARKED_PER_USER = 100;

/** After how long that, and what waited behind a request without a response, comes again: so long, and up to twice as long. */
export const USER_RETRY_MS = 30_000;

/**
 * Deliveries of one user at one push service that could not be tried come again one by one, at this interval. Where the last request
 * was accepted, 20 a second are what 600 deliveries that come again within `USER_RETRY_MS` are, so that a user who has fewer notices
 * nothing. Where it was not, one a second: a request that hangs takes 30 s.
 */
export const HELD_RETRY_INTERVAL_MS = { working: 50, failing: 1_000 } as const;

/** The longest delay by that, so that nobody waits for longer after a push service has begun to respond again. */
export const LONGEST_HELD_RETRY_MS = 3_600_000;

/** Users at a push service whose deliveries are spaced out like this: some 200 bytes each, so 2 MB. */
export const MAX_PACED_USERS = 10_000;

/** A further session is opened only where the streams do not suffice. Each of `LANES` may have one, and those of suspects eight. */
export const MAX_HTTP2_SESSIONS_PER_ORIGIN = 4;

/** Requests at once where there is no HTTP/2; Apple takes 100. */
export const MAX_HTTP1_CONNECTIONS_PER_ORIGIN = 32;

/** Push services that one user's devices may have: browsers have one each, and nobody has ten kinds of browsers. */
export const MAX_PUSH_SERVICES_PER_USER = 10;

/**
 * Devices of one user that are gone and kept, so that their workers can revive them. A browser whose device was deleted makes a new
 * one at its next visit. Without a limit, a user whose push service answers 410 leaves 60 rows a minute for 90 days.
 */
export const MAX_GONE_DEVICES_PER_USER = 50;

/**
 * Devices of one user that `devicesOf` returns: a larger `maxDevicesPerUser`, or a version without limits, may have left more. 1,000 are
 * some 200 kB of JSON.
 */
export const MAX_LISTED_DEVICES = 1000;

/** How long a process has a delivery or a chunk to itself; each page of a chunk renews it. */
export const LEASE_MS = 120_000;

/** What has not begun this long before its lease ends is left to the next: by then every request has ended. */
export const LEASE_MARGIN_MS: number = REQUEST_TIMEOUT_MS + 5_000;

/** Devices of one page of a broadcast: what a process that dies may have sent without a trace. */
export const PAGE_DEVICES = 200;

/**
 * A page goes on without the devices that have not responded, where no request of it has ended for so long: FCM, Mozilla and Apple
 * respond within 0.3 s. A device that hangs has 30 s.
 */
export const STRAGGLER_MS = 1_000;

/**
 * So many such devices one push service may have under way; a page waits for what is more. Each costs some 2 kB. The transport lets 108
 * requests of one user wait, so that it takes ten users together to reach this.
 */
export const MAX_STRAGGLERS_PER_ORIGIN = 1_000;

/** Parts of broadcasts that one push service is given at once, so that there is work while one of them is committed. */
export const CHUNKS_PER_ORIGIN = 4;

/**
 * A part of a broadcast with `devicesPerSecond` waits so long at most for the time of other parts. Where it would wait for longer, it is
 * given back until then, so its lease is not used up and a server that stops does not wait for it.
 */
export const MAX_PACE_WAIT_MS = 2_000;

/** Parts of broadcasts that are under way at once. */
export const MAX_CHUNKS = 64;

/**
 * How many of these may be of push services that have not answered lately, and how often they are looked for: SQLite looks at
 * 256 of them each time, which takes 1.5 to 2.5 ms of CPU where 5,000 have chunks; to look at all took 19 to 30 ms.
 */
export const MAX_UNPROVEN_CHUNKS = 16;
export const UNPROVEN_LEASE_INTERVAL_MS = 1_000;

/**
 * Deliveries to push services that answer which are under way out of what was due; for the others the transport has places. Those that
 * had no response within `STRAGGLER_MS` have places of their own: 19 users with 108 requests each would take all of these.
 */
export const MAX_RETRIES_UNDER_WAY = 2_000;
export const MAX_STRAGGLING_RETRIES = 10_000;

/** Calls that record results and are under way at once, so that others have a connection to PostgreSQL, which has ten. */
export const MAX_RECORDINGS = 4;
/** As many as are taken up at once; it bounds how long one transaction keeps its locks. */
export const MAX_RESULTS_PER_RECORDING = 200;

/** An encryption thread that broke down is replaced after this, and after twice as long each time that none answers. */
export const THREAD_DELAY_MS = 100;
/** At most: a thread takes 30 ms to start, and where none can be started, each try is as expensive. */
export const MAX_THREAD_DELAY_MS = 10_000;

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

/**
 * So many requests of one client address in a minute that prove to be nobody's: of strangers, or with a wrong secret or key. Those
 * of users, devices and applications are not counted, so that an office behind one address has enough.
 */
export const ADDRESS_REQUESTS_PER_MINUTE = 600;

/** The same where the adapter passes no client address: all strangers share it. */
export const UNADDRESSED_REQUESTS_PER_MINUTE = 6_000;

/**
 * Requests in a second that pass the limit of their address, whoever asks, because they may be of a user. Each may call
 * `authenticate`, and a session store should not notice so few. API keys and known users pass beside them.
 */
export const PASSES_PER_SECOND = 20;

/** Requests of one known user that pass the limit of their address in a minute: two for each that may do something. */
export const PASSES_PER_USER_PER_MINUTE = 120;

/** Credentials of one user that are known: browsers and sessions they have. Any cookie beside the session's makes others. */
export const MAX_KNOWN_CREDENTIALS_PER_USER = 8;

/** Devices that subscribed or proved themselves lately, and as many credentials of users: some 200 bytes each, so 10 MB for each kind. */
export const MAX_RECENT_KEYS = 50_000;

/**
 * Look-ups of device secrets in a second that may prove nothing, whoever asks. Each takes a connection for under 1 ms, and 0.5 ms
 * of CPU with its request. Devices that subscribed or proved themselves lately, or do so by such a look-up, are not counted. Under a
 * flood from many addresses, the p99 of `notify` was 2.4 times as high with 200, and 2.3 times with 100 (7 ms, then 17 ms). Its p50
 * stayed at 3 ms.
 */
export const UNPROVEN_LOOKUPS_PER_SECOND = 100;

/**
 * How many look-ups of unknown devices may be under way. The store takes 200 at once, and the other 50 are for known devices.
 * A database that was short of CPU did 40 look-ups a second, so that the last of 200 waited for 5 s and failed.
 */
export const MAX_UNPROVEN_PROOFS = 150;

/**
 * How many look-ups of one user's known devices may be under way: 4 of the 50 places of known devices. One device on 400
 * connections took all 50, so that 39 of 110 look-ups of another were refused; with 4 places a device, 13 devices of one user did.
 */
export const MAX_LOOKUPS_PER_USER = 4;

/**
 * Look-ups of one user that wait for those, and for how long: all 50 devices of a user report a message at once, most of them
 * twice when somebody clicks. A look-up takes under 1 ms. Each may hold a body of 64 KiB.
 */
export const MAX_WAITING_LOOKUPS_PER_USER = 100;
export const MAX_LOOKUP_WAIT_MS = 5_000;

/** Turns that nobody takes are saved up for so long. 75 look-ups may then begin at once, which the store has places for. */
export const TURN_BURST_MS = 750;

/** So many refusals of strangers, users and devices are sent in a second; the others wait for theirs. Each takes 0.5 ms of CPU, with its request. */
export const REFUSALS_PER_SECOND = 250;

/** So many may wait, each with a connection of its own, of about 10 KB. */
export const MAX_WAITING_REFUSALS = 10_000;

/** Subscribing and unsubscribing: so many requests of one user or device in a minute; a page needs one a load. */
export const BROWSER_REQUESTS_PER_MINUTE = 60;

/**
 * Subscribing and unsubscribing with device secrets: so many requests of all devices of one user in a minute. Each of 50 devices
 * may renew its subscription six times; once is usual. Without this limit they had 3,000, and more with new devices.
 */
export const DEVICE_REQUESTS_PER_USER_PER_MINUTE = 300;

/** `POST /receipts`: so many requests of one device in a minute; its worker keeps what is refused, and sends it later. */
export const RECEIPT_REQUESTS_PER_MINUTE = 120;

/**
 * `POST /receipts`: so many requests of all devices of one user in a minute. A worker sends one for each message that it shows,
 * so that 50 devices may report 20 messages each. Without this limit they had 6,000, and more with new devices.
 */
export const RECEIPT_REQUESTS_PER_USER_PER_MINUTE = 1_000;

/** `POST /send`: so many requests of one API key in a minute, which is what OneSignal allows in a second. */
export const SEND_REQUESTS_PER_MINUTE = 6_000;

/** Topics that one user may have joined, counted when a browser joins one: a topic is a row that others' queries walk. */
export const MAX_TOPICS_PER_USER = 100;
