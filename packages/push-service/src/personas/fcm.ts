import { MAX_BODY_BYTES } from '@belfry/protocol';
import type { Refusal } from '../endpoint/refusal.ts';
import { createdHeaders } from './created-headers.ts';
import type { Persona } from './persona.ts';

interface FcmError {
  readonly status: number;
  /** Its service explains itself in a line of text, except for a TTL. */
  readonly reason: string;
}

/** Each as a sender has reported it, except where it says "own words": for those no report was found. */
const ERRORS: Readonly<Record<Refusal, FcmError>> = {
  'missing-ttl': { status: 400, reason: 'InvalidTtlParameter' },
  'invalid-ttl': { status: 400, reason: 'InvalidTtlParameter' },
  // Own words, for both.
  'invalid-topic': { status: 400, reason: 'invalid topic' },
  'invalid-encoding': { status: 400, reason: 'invalid content encoding' },
  // The one VAPID fault that is not 403 (web-push-php#325).
  'vapid-missing': { status: 401, reason: 'authorization header must be specified.' },
  'vapid-malformed': { status: 403, reason: 'invalid JWT provided' },
  'vapid-key-mismatch': {
    status: 403,
    reason:
      'the VAPID credentials in the authorization header do not correspond to the credentials used to create the subscriptions.',
  },
  'vapid-bad-signature': { status: 403, reason: 'invalid JWT provided' },
  'vapid-wrong-audience': {
    status: 403,
    reason: 'aud claim in the token MUST include the origin of the push resource URL',
  },
  'vapid-expired': { status: 403, reason: 'invalid JWT provided' },
  'vapid-lives-too-long': { status: 403, reason: 'invalid JWT provided' },
  // Of a device that was idle for 270 days it is this one too, where 410 would be expected (pushpad/web-push#14).
  'unknown-url': { status: 404, reason: 'A valid push subscription endpoint should be specified in the URL' },
  // Own words from here on, except for 410.
  'method-not-allowed': { status: 405, reason: 'method not allowed' },
  unregistered: { status: 410, reason: 'push subscription has unsubscribed or expired.' },
  'body-too-large': { status: 413, reason: 'payload too large' },
  misdirected: { status: 421, reason: 'misdirected request' },
  'too-many-pushes': { status: 429, reason: 'too many requests' },
  'too-many-pending': { status: 429, reason: 'too many requests' },
  unavailable: { status: 503, reason: 'service unavailable' },
  'internal-error': { status: 500, reason: 'internal error' },
};

/** As Firebase Cloud Messaging answers, at the endpoints of Chrome. */
export const fcm: Persona = {
  name: 'fcm',
  // No higher limit than RFC 8030's was found.
  maxBodyBytes: MAX_BODY_BYTES,
  // 28 days, from Mozilla's service, which hands messages on to it. Whether it clamps what is longer, or refuses it, is
  // not known; its native API refuses.
  maxTtlSeconds: 2_419_200,
  givesReceipts: false,
  check: () => undefined,
  accepted: (push) => ({ status: 201, headers: createdHeaders(push) }),
  refused({ refusal, retryAfterSeconds }) {
    const { status, reason } = ERRORS[refusal];
    const isPage = reason === 'InvalidTtlParameter';
    return {
      status,
      headers: {
        'content-type': isPage ? 'text/html; charset=UTF-8' : 'text/plain; charset=utf-8',
        ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
      },
      body: isPage ? `<HTML><HEAD><TITLE>${reason}</TITLE></HEAD><BODY>Error ${status}</BODY></HTML>\n` : `${reason}\n`,
    };
  },
};
