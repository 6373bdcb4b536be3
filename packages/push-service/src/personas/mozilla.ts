import { STATUS_CODES } from 'node:http';
import type { Refusal } from '../endpoint/refusal.ts';
import { MAX_TTL_SECONDS, RETRY_AFTER_SECONDS } from '../limits.ts';
import { createdHeaders } from './created-headers.ts';
import type { Persona } from './persona.ts';

interface MozillaError {
  readonly status: number;
  /** Stable where the message is not; null where the service has no number for it. */
  readonly errno: number | null;
  readonly message: string;
}

/**
 * Statuses and numbers from the source of autopush-rs (autoendpoint: error.rs, notification_headers.rs, routers/mod.rs).
 *
 * 410 has 106 ("no such subscription") alone. The service says 103 when the whole user agent is gone and 105 when it
 * goes while the message is under way; here a subscription outlives its user agent, and nothing comes between.
 */
const ERRORS: Readonly<Record<Refusal, MozillaError>> = {
  'missing-ttl': { status: 400, errno: 111, message: 'Missing TTL value' },
  // Whatever is no number counts as missing. A negative one is 114 there; the refusal does not tell them apart.
  'invalid-ttl': { status: 400, errno: 111, message: 'Missing TTL value' },
  'invalid-topic': { status: 400, errno: 113, message: 'Invalid Topic' },
  'invalid-encoding': { status: 400, errno: 110, message: 'Unknown Content-Encoding header' },
  'vapid-missing': unauthorized('Missing VAPID token'),
  'vapid-malformed': unauthorized('Invalid VAPID token'),
  'vapid-key-mismatch': unauthorized('VAPID public key mismatch'),
  'vapid-bad-signature': unauthorized('InvalidSignature'),
  'vapid-wrong-audience': unauthorized('Invalid VAPID audience'),
  'vapid-expired': unauthorized('Invalid VAPID expiry'),
  'vapid-lives-too-long': unauthorized('The VAPID token expiration is too long'),
  'unknown-url': { status: 404, errno: 102, message: 'Invalid token' },
  'method-not-allowed': { status: 405, errno: null, message: 'Method not allowed' },
  unregistered: { status: 410, errno: 106, message: 'No such subscription' },
  'body-too-large': { status: 413, errno: 104, message: 'Payload reached size limit' },
  misdirected: { status: 421, errno: null, message: 'Misdirected request' },
  // 201 asks for an exponential back-off, 202 would allow another try at once. Too many waiting is no error there: the
  // service takes them all, and later drops the user agent.
  'too-many-pushes': { status: 503, errno: 201, message: 'Service unavailable' },
  'too-many-pending': { status: 503, errno: 201, message: 'Service unavailable' },
  unavailable: { status: 503, errno: 201, message: 'Service unavailable' },
  'internal-error': { status: 500, errno: null, message: 'General error' },
};

/** As Mozilla's autopush answers, at the endpoints of Firefox on a desktop. */
export const mozilla: Persona = {
  name: 'mozilla',
  // The configuration for desktops. Through the bridge to a phone about 3 kB pass, which nothing in a push shows.
  maxBodyBytes: 5630,
  maxTtlSeconds: MAX_TTL_SECONDS,
  givesReceipts: false,
  // Urgency is not read, so a bad one is no error.
  check: () => undefined,
  accepted: (push) => ({ status: 201, headers: createdHeaders(push) }),
  refused({ refusal }) {
    const { status, errno, message } = ERRORS[refusal];
    return {
      status,
      headers: {
        'content-type': 'application/json',
        ...(status === 410 && { 'cache-control': 'max-age=86400' }),
        // Always the same, however long the wait will be.
        ...(status === 503 && { 'retry-after': String(RETRY_AFTER_SECONDS) }),
      },
      body: JSON.stringify({ code: status, errno, error: STATUS_CODES[status], message, more_info: MORE_INFO }),
    };
  },
};

const MORE_INFO = 'http://autopush.readthedocs.io/en/latest/http.html#error-codes';

function unauthorized(message: string): MozillaError {
  return { status: 401, errno: 109, message };
}
