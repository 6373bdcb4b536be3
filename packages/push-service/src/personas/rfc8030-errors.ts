import type { Refusal } from '../endpoint/refusal.ts';

/** The body of an error answer, in the form of Mozilla's service (autopush-rs http.md, errors.md). */
export interface ErrorAnswer {
  /** The HTTP status. */
  readonly code: number;
  /** Mozilla's number of the error, stable where the message is not. */
  readonly errno: number;
  /** The status in words. */
  readonly error: string;
  readonly message: string;
}

/**
 * 410 has 106 here and not 103 ("the user agent is gone"): a user agent lives as long as its subscriptions do, so what
 * is gone is always the subscription. 405 and 421 have no number in Mozilla's list; 999 is its "unknown
 * error".
 */
export const ERROR_ANSWERS: Readonly<Record<Refusal, ErrorAnswer>> = {
  'missing-ttl': badRequest(111, 'Missing TTL header'),
  'invalid-ttl': badRequest(112, 'TTL must be a whole number of seconds'),
  'invalid-topic': badRequest(113, 'Topic must be at most 32 characters of the base64url alphabet'),
  'invalid-encoding': badRequest(110, 'A message with a body needs Content-Encoding: aes128gcm'),
  'vapid-missing': unauthorized('The subscription is bound to a VAPID key: send Authorization: vapid t=…, k=…'),
  'vapid-malformed': unauthorized('Authorization must be "vapid t=…, k=…", its t a JWT that is signed with ES256'),
  'vapid-key-mismatch': unauthorized('The k of Authorization is not the VAPID key that the subscription was made with'),
  'vapid-bad-signature': unauthorized('The token is not signed with the private key of its k'),
  'vapid-wrong-audience': unauthorized("The token's aud must be the origin of the endpoint, its port included"),
  'vapid-expired': unauthorized("The token has expired: its exp is in the past by this service's clock"),
  'vapid-lives-too-long': unauthorized("The token's exp must be there and at most 24 hours ahead"),
  'unknown-url': { code: 404, errno: 102, error: 'Not Found', message: 'No such subscription or message' },
  'method-not-allowed': {
    code: 405,
    errno: 999,
    error: 'Method Not Allowed',
    message: 'POST to a subscription, DELETE a message, GET receipts',
  },
  unregistered: {
    code: 410,
    errno: 106,
    error: 'Gone',
    message: 'The subscription has ended: do not send to it again',
  },
  'body-too-large': {
    code: 413,
    errno: 104,
    error: 'Payload Too Large',
    message: 'The body must be at most 4096 bytes',
  },
  misdirected: {
    code: 421,
    errno: 999,
    error: 'Misdirected Request',
    message: 'This service answers for the origins of its endpoints only',
  },
  'too-many-pushes': {
    code: 429,
    errno: 201,
    error: 'Too Many Requests',
    message: 'The subscription has had its pushes of this minute: send again after Retry-After seconds',
  },
  'too-many-pending': {
    code: 429,
    errno: 201,
    error: 'Too Many Requests',
    message: 'Too many messages wait for this user agent: send again after Retry-After seconds',
  },
  unavailable: {
    code: 503,
    errno: 201,
    error: 'Service Unavailable',
    message: 'The service keeps nothing any more: start it again',
  },
  'internal-error': { code: 500, errno: 999, error: 'Internal Server Error', message: 'The service failed' },
};

function badRequest(errno: number, message: string): ErrorAnswer {
  return { code: 400, errno, error: 'Bad Request', message };
}

function unauthorized(message: string): ErrorAnswer {
  return { code: 401, errno: 109, error: 'Unauthorized', message };
}
