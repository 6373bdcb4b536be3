import type { PushClientError, PushClientErrorCode } from '../push-client-error.ts';

/**
 * Those of Firebase's codes that there is a reason for here.
 *
 * - `permission-blocked`: notifications are denied, or the prompt was closed: `Notification.permission` says which
 * - `unsupported-browser`: no push here, or not yet: over http, or on iOS outside of the Home Screen
 * - `failed-service-worker-registration`: the worker could not be registered, or did not become active
 * - `indexed-db-unsupported`: the browser keeps nothing, as some private windows
 * - `token-subscribe-failed`: the browser could not subscribe, or the server did not take it: nobody is signed in, for one
 * - `token-unsubscribe-failed`: browser or server could not be told
 */
export type MessagingErrorCode = `messaging/${
  | 'permission-blocked'
  | 'unsupported-browser'
  | 'failed-service-worker-registration'
  | 'indexed-db-unsupported'
  | 'token-subscribe-failed'
  | 'token-unsubscribe-failed'}`;

/** In the shape of Firebase's errors. The message names what happened in Belfry's words; `cause` is Belfry's own error. */
export class MessagingError extends Error {
  override readonly name = 'MessagingError';
  declare readonly code: MessagingErrorCode;

  constructor(code: MessagingErrorCode, what: string | undefined, cause?: unknown) {
    super(`Messaging: ${what} (${code}): see Belfry's docs/reference/firebase.md`, { cause });
    this.code = code;
  }
}

const CODES: Readonly<Partial<Record<PushClientErrorCode, MessagingErrorCode>>> = {
  'worker-registration-failed': 'messaging/failed-service-worker-registration',
  'worker-not-ready': 'messaging/failed-service-worker-registration',
  'push-not-allowed': 'messaging/permission-blocked',
  'storage-failed': 'messaging/indexed-db-unsupported',
};

/** Why no token could be had. */
export function toMessagingError(error: PushClientError): MessagingError {
  return new MessagingError(CODES[error.code] ?? 'messaging/token-subscribe-failed', error.code, error);
}
