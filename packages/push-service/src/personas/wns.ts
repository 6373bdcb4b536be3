import type { Refusal } from '../endpoint/refusal.ts';
import { MAX_TTL_SECONDS, RETRY_AFTER_SECONDS } from '../limits.ts';
import { createdHeaders } from './created-headers.ts';
import type { Persona, WrittenAnswer } from './persona.ts';

interface WnsError {
  readonly status: number;
  /** Goes into a header: its answers have no body. */
  readonly description: string;
}

const BAD_TOKEN: WnsError = { status: 401, description: 'Invalid Token' };
const BAD_TTL: WnsError = { status: 400, description: 'Ttl value is missing or invalid.' };
const THROTTLED: WnsError = { status: 406, description: 'Throttle limit exceeded.' };

/**
 * Statuses as senders report them, or else from Microsoft's documentation of native pushes; nobody documents those of Web
 * Push. Of the descriptions, "Invalid Token" and "Zero or duplicate tokens …" are reported, the others are own words.
 */
const ERRORS: Readonly<Record<Refusal, WnsError>> = {
  'missing-ttl': BAD_TTL,
  'invalid-ttl': BAD_TTL,
  'invalid-topic': { status: 400, description: 'Invalid topic.' },
  'invalid-encoding': { status: 400, description: 'Invalid content encoding.' },
  'vapid-missing': { status: 401, description: 'Zero or duplicate tokens or token signing keys.' },
  'vapid-malformed': BAD_TOKEN,
  // Native: authenticated, and not authorized for this channel.
  'vapid-key-mismatch': { status: 403, description: 'Not authorized for this channel.' },
  'vapid-bad-signature': BAD_TOKEN,
  'vapid-wrong-audience': BAD_TOKEN,
  'vapid-expired': BAD_TOKEN,
  'vapid-lives-too-long': BAD_TOKEN,
  'unknown-url': { status: 404, description: 'Channel not found.' },
  'method-not-allowed': { status: 405, description: 'Method not allowed.' },
  unregistered: { status: 410, description: 'Channel expired.' },
  'body-too-large': { status: 413, description: 'Payload exceeds 5000 bytes.' },
  misdirected: { status: 421, description: 'Misdirected request.' },
  // 429 was reported in 2026 (WindowsAppSDK#3501), once and from memory; 406 is documented, and is what breaks senders.
  'too-many-pushes': THROTTLED,
  'too-many-pending': THROTTLED,
  unavailable: { status: 503, description: 'Service unavailable.' },
  'internal-error': { status: 500, description: 'Internal error.' },
};

/** As the Windows Push Notification Services answer, at the endpoints of Edge. */
export const wns: Persona = {
  name: 'wns',
  // That of native pushes.
  maxBodyBytes: 5000,
  // Not known.
  maxTtlSeconds: MAX_TTL_SECONDS,
  givesReceipts: false,
  check({ header, ttlSeconds }) {
    if (header('content-length') === undefined) return dropped({ status: 411, description: 'Length Required' });
    // Its default is to cache, which a TTL of 0 contradicts (pywebpush#162, webpush-go#66).
    if (ttlSeconds === 0 && header('x-wns-cache-policy')?.toLowerCase() !== 'no-cache') {
      return dropped({ status: 400, description: 'Ttl value conflicts with X-WNS-Cache-Policy.' });
    }
    return undefined;
  },
  accepted: (push) => ({
    status: 201,
    headers: {
      ...createdHeaders(push),
      ...statusHeaders('received'),
      // 16 hex digits, of the first half of our identifier.
      'x-wns-msg-id': Buffer.from(push.messageId, 'base64url').toString('hex', 0, 8).toUpperCase(),
    },
  }),
  refused({ refusal, retryAfterSeconds = RETRY_AFTER_SECONDS }) {
    const answer = dropped(ERRORS[refusal]);
    if (answer.status !== 406) return answer;
    const wait = String(retryAfterSeconds);
    return {
      ...answer,
      // X-WNS-CONTINUE-AFTER comes along in reports, its form not said: as Retry-After, in seconds.
      headers: {
        ...answer.headers,
        ...statusHeaders('appthrottled'),
        'retry-after': wait,
        'x-wns-continue-after': wait,
      },
    };
  },
};

function dropped({ status, description }: WnsError): WrittenAnswer {
  return {
    status,
    headers: { 'content-length': '0', ...statusHeaders('dropped'), 'x-wns-error-description': description },
  };
}

/** One thing by its present name and its former one, both of which come (pywebpush#162); and the machine's name. */
function statusHeaders(status: 'received' | 'dropped' | 'appthrottled'): Readonly<Record<string, string>> {
  return { 'x-wns-status': status, 'x-wns-notificationstatus': status, 'x-wns-debug-trace': 'BELFRY' };
}
