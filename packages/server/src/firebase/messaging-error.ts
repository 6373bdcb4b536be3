import type { DeviceOutcome } from '../delivery/device-outcome.ts';
import { BelfryError, type BelfryErrorId } from '../errors.ts';

/**
 * Those of firebase-admin's codes that there is a reason for here.
 *
 * - `invalid-argument`: the message, the token, the topic, the condition or the link is none; sending it again is of no use
 * - `payload-size-limit-exceeded`: it is longer than a push message can be
 * - `registration-token-not-registered`: there is no device of this id, or it is gone: forget the token
 * - `mismatched-credential`: the device subscribed with another VAPID key; its page subscribes it anew
 * - `third-party-auth-error`: the push service refuses this server's VAPID token
 * - `server-unavailable`: try again later
 * - `internal-error`: the push service refuses the message, or something broke
 */
export type MessagingErrorCode = `messaging/${
  | 'invalid-argument'
  | 'payload-size-limit-exceeded'
  | 'registration-token-not-registered'
  | 'mismatched-credential'
  | 'third-party-auth-error'
  | 'server-unavailable'
  | 'internal-error'}`;

/** What `getMessaging` rejects with, in the shape of firebase-admin's errors. `cause` is Belfry's own, where there is one. */
export class MessagingError extends Error {
  override readonly name = 'MessagingError';
  readonly code: MessagingErrorCode;
  readonly errorInfo: { readonly code: MessagingErrorCode; readonly message: string };

  constructor(code: MessagingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.errorInfo = { code, message };
  }
}

const CODES: Readonly<Partial<Record<BelfryErrorId, MessagingErrorCode>>> = {
  'invalid-target': 'messaging/invalid-argument',
  'invalid-condition': 'messaging/invalid-argument',
  'invalid-topic': 'messaging/invalid-argument',
  'invalid-message': 'messaging/invalid-argument',
  'invalid-message-url': 'messaging/invalid-argument',
  'invalid-notify-options': 'messaging/invalid-argument',
  'message-too-large': 'messaging/payload-size-limit-exceeded',
  'unknown-device': 'messaging/registration-token-not-registered',
  'unable-to-send-messages': 'messaging/server-unavailable',
  'store-newer': 'messaging/server-unavailable',
  'store-replaced': 'messaging/server-unavailable',
  closed: 'messaging/server-unavailable',
};

export function toMessagingError(cause: unknown): MessagingError {
  if (cause instanceof MessagingError) return cause;
  const code = cause instanceof BelfryError ? CODES[cause.id] : undefined;
  const message = cause instanceof BelfryError ? cause.message : 'Something broke';
  return new MessagingError(code ?? 'messaging/internal-error', message, { cause });
}

export function unknownToken(): MessagingError {
  return new MessagingError('messaging/registration-token-not-registered', 'There is no live device with this token');
}

/** Why a device will not have a message; undefined where it has, and where it is tried again: Firebase too says only that it took it. */
export function failureOf(outcome: DeviceOutcome): MessagingError | undefined {
  switch (outcome.outcome) {
    case 'accepted':
    case 'throttled':
    case 'retrying':
      return undefined;
    case 'gone':
      return unknownToken();
    case 'key-mismatch':
      return new MessagingError('messaging/mismatched-credential', 'The device subscribed with another VAPID key');
    case 'misconfigured':
      if (outcome.retryAt !== undefined) return undefined;
      return new MessagingError(
        'messaging/third-party-auth-error',
        `The push service refuses this server with ${outcome.status}`,
      );
    case 'expired':
      return new MessagingError('messaging/server-unavailable', 'The push service did not take it within its TTL');
    case 'rejected':
      return new MessagingError(
        'messaging/internal-error',
        `The push service refuses the message with ${outcome.status}`,
      );
  }
}
