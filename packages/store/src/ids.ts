import type { Brand, Parsed } from '@belfry/protocol';
import { branded } from '@belfry/protocol';
import { isStorableText } from './storable-text.ts';

/** The application's own id of a user, compared byte for byte; see {@link parseUserId}. */
export type UserId = Brand<string, 'UserId'>;

/** A device inside one store; never reused, never shown to a client. */
export type DeviceId = Brand<number, 'DeviceId'>;

/** A device as clients and operators know it: random, unguessable. */
export type PublicDeviceId = Brand<string, 'PublicDeviceId'>;

/** The pair (device, user): random, renewed whenever the device changes hands, carried by every delivery. */
export type Binding = Brand<string, 'Binding'>;

/** A message as the application knows it: random. */
export type MessageId = Brand<string, 'MessageId'>;

/** A message's place in the order of its store; a later message has a higher one. */
export type MessageSeq = Brand<number, 'MessageSeq'>;

/** The application's id of a sign-in, where it has one. */
export type SessionId = Brand<string, 'SessionId'>;

const MAX_ID_CHARS = 256;

/** The application's id of a user: 1 to 256 characters that can be stored (`isStorableText`). */
export function parseUserId(value: unknown): Parsed<UserId, 'invalid-user-id'> {
  return isId(value) ? { ok: true, value: branded(value) } : { ok: false, error: 'invalid-user-id' };
}

/** The application's id of a session: 1 to 256 characters that can be stored (`isStorableText`). */
export function parseSessionId(value: unknown): Parsed<SessionId, 'invalid-session-id'> {
  return isId(value) ? { ok: true, value: branded(value) } : { ok: false, error: 'invalid-session-id' };
}

/** An id that may be a device's: 1 to 256 characters that can be stored. An id of another system is one that no device has. */
export function parsePublicDeviceId(value: unknown): Parsed<PublicDeviceId, 'invalid-device-id'> {
  return isId(value) ? { ok: true, value: branded(value) } : { ok: false, error: 'invalid-device-id' };
}

/** An id that may be a message's: 1 to 256 characters that can be stored. */
export function parseMessageId(value: unknown): Parsed<MessageId, 'invalid-message-id'> {
  return isId(value) ? { ok: true, value: branded(value) } : { ok: false, error: 'invalid-message-id' };
}

function isId(value: unknown): value is string {
  return isStorableText(value, { maxChars: MAX_ID_CHARS });
}
