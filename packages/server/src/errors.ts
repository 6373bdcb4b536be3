/**
 * Every error that Belfry's server answers or throws. The ids are stable, and each has its line in
 * docs/reference/errors.md (a test holds the two lists together). Front ends that exist know `no-endpoint`,
 * `unable-to-save-subscription` and `unable-to-send-messages`.
 */
export type BelfryErrorId =
  | 'no-endpoint'
  | 'invalid-endpoint'
  | 'endpoint-not-https'
  | 'endpoint-private-address'
  | 'endpoint-host-not-allowed'
  | 'invalid-p256dh'
  | 'invalid-auth'
  | 'invalid-subscription'
  | 'endpoint-conflict'
  | 'unknown-vapid-key'
  | 'secret-retired'
  | 'unable-to-save-subscription'
  | 'invalid-receipts'
  | 'not-signed-in'
  | 'identity-unavailable'
  | 'invalid-api-key'
  | 'cross-site-request'
  | 'unsupported-media-type'
  | 'body-too-large'
  | 'body-timeout'
  | 'invalid-json'
  | 'invalid-target'
  | 'invalid-condition'
  | 'invalid-message'
  | 'invalid-message-url'
  | 'message-too-large'
  | 'invalid-notify-options'
  | 'idempotency-conflict'
  | 'unknown-message'
  | 'unable-to-send-messages'
  | 'invalid-topic'
  | 'topic-not-allowed'
  | 'too-many-topics'
  | 'unknown-device'
  | 'store-unavailable'
  | 'not-found'
  | 'method-not-allowed'
  | 'too-many-requests'
  | 'internal-error'
  | 'invalid-configuration'
  | 'vapid-keys-missing'
  | 'store-newer'
  | 'store-replaced'
  | 'closed';

/** The HTTP status that an error is answered with. */
export const ERROR_STATUS: Readonly<Record<BelfryErrorId, number>> = {
  'no-endpoint': 400,
  'invalid-endpoint': 400,
  'endpoint-not-https': 400,
  'endpoint-private-address': 400,
  'endpoint-host-not-allowed': 400,
  'invalid-p256dh': 400,
  'invalid-auth': 400,
  'invalid-subscription': 400,
  'endpoint-conflict': 409,
  'unknown-vapid-key': 409,
  'secret-retired': 409,
  'unable-to-save-subscription': 500,
  'invalid-receipts': 400,
  'not-signed-in': 401,
  'identity-unavailable': 503,
  'invalid-api-key': 401,
  'cross-site-request': 403,
  'unsupported-media-type': 415,
  'body-too-large': 413,
  'body-timeout': 408,
  'invalid-json': 400,
  'invalid-target': 400,
  'invalid-condition': 400,
  'invalid-message': 400,
  'invalid-message-url': 400,
  'message-too-large': 413,
  'invalid-notify-options': 400,
  'idempotency-conflict': 409,
  'unknown-message': 404,
  'unable-to-send-messages': 500,
  'invalid-topic': 400,
  'topic-not-allowed': 403,
  'too-many-topics': 403,
  'unknown-device': 404,
  'store-unavailable': 503,
  'not-found': 404,
  'method-not-allowed': 405,
  'too-many-requests': 429,
  'internal-error': 500,
  'invalid-configuration': 500,
  'vapid-keys-missing': 500,
  'store-newer': 503,
  'store-replaced': 503,
  closed: 503,
};

/** Thrown by `createBelfry` and `notify`, and answered by `handle` as `{ error: { id, message } }`. */
export class BelfryError extends Error {
  readonly id: BelfryErrorId;
  /** The HTTP status that `handle` answers with. */
  readonly status: number;
  /** Seconds after which to try again, with `too-many-requests` and `store-unavailable`. */
  readonly retryAfterS: number | undefined;

  constructor(id: BelfryErrorId, message: string, options: ErrorOptions & { retryAfterS?: number } = {}) {
    super(message, options);
    this.name = 'BelfryError';
    this.id = id;
    this.status = ERROR_STATUS[id];
    this.retryAfterS = options.retryAfterS;
  }
}
