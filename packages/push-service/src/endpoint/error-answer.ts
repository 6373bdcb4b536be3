/** Why a request is refused. */
export type Refusal =
  | 'missing-ttl'
  | 'invalid-ttl'
  | 'invalid-topic'
  | 'invalid-encoding'
  | 'invalid-vapid'
  | 'unknown-url'
  | 'method-not-allowed'
  | 'unregistered'
  | 'body-too-large'
  | 'misdirected'
  | 'too-many-pushes'
  | 'too-many-pending'
  | 'internal-error';

/** The body of every error answer, as Mozilla's service writes it (autopush-rs http.md, errors.md). */
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
  'missing-ttl': { code: 400, errno: 111, error: 'Bad Request', message: 'Missing TTL header' },
  'invalid-ttl': { code: 400, errno: 112, error: 'Bad Request', message: 'TTL must be a whole number of seconds' },
  'invalid-topic': {
    code: 400,
    errno: 113,
    error: 'Bad Request',
    message: 'Topic must be at most 32 characters of the base64url alphabet',
  },
  'invalid-encoding': {
    code: 400,
    errno: 110,
    error: 'Bad Request',
    message: 'A message with a body needs Content-Encoding: aes128gcm',
  },
  'invalid-vapid': {
    code: 401,
    errno: 109,
    error: 'Unauthorized',
    message:
      'Authorization must be "vapid t=…, k=…": a token signed with the key of the subscription (ES256), ' +
      "its aud this service's origin, its exp at most 24 hours ahead",
  },
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
  'internal-error': { code: 500, errno: 999, error: 'Internal Server Error', message: 'The service failed' },
};
