/**
 * - `port-in-use`: another process listens on a port that the service was told to take
 * - `cannot-listen`: the port cannot be had for another reason (in `cause`), such as missing permission
 * - `host-not-loopback`: the service hands out addresses on localhost, so it listens there only
 * - `data-folder-in-use`: another running service has the data folder
 * - `data-folder-too-new`: the data folder was written by a later version
 * - `data-folder-unusable`: the files of the data folder cannot be read or written, or not safely; the message says why
 * - `data-folder-replaced`: files of the data folder were moved, replaced, truncated, written over or deleted while the service
 *   ran: it keeps nothing any more
 * - `unknown-subscription`: the service has no such subscription
 * - `unknown-persona`: there is no persona of that name
 * - `unknown-push`: no such push arrived, or it is no longer kept
 * - `not-resendable`: the push was refused, or its subscription has ended
 * - `invalid-fault`: a fault, or when it is to happen, is none that there is
 * - `invalid-origin`: what names an origin is no URL
 * - `closed`: `close()` was called before
 * - `invalid-key`: a VAPID public key, or a subscription's own keys, are not what they should be
 */
export type PushServiceErrorCode =
  | 'port-in-use'
  | 'cannot-listen'
  | 'host-not-loopback'
  | 'data-folder-in-use'
  | 'data-folder-too-new'
  | 'data-folder-unusable'
  | 'data-folder-replaced'
  | 'unknown-subscription'
  | 'unknown-persona'
  | 'unknown-push'
  | 'not-resendable'
  | 'invalid-fault'
  | 'invalid-key'
  | 'invalid-origin'
  | 'closed';

/** Thrown by `startPushService` and its controls. `code` is stable; the message says what was wrong and what to do. */
export class PushServiceError extends Error {
  readonly code: PushServiceErrorCode;

  constructor(code: PushServiceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PushServiceError';
    this.code = code;
  }
}
