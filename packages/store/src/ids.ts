import type { Brand, Parsed } from '@belfry/protocol';
import { branded } from '@belfry/protocol';

/** The application's own id of a user: 1 to 256 characters other than NUL, compared byte for byte. */
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

/** 1 to 256 characters. */
export function parseUserId(text: string): Parsed<UserId, 'invalid-user-id'> {
  return isId(text) ? { ok: true, value: branded(text) } : { ok: false, error: 'invalid-user-id' };
}

/** 1 to 256 characters. */
export function parseSessionId(text: string): Parsed<SessionId, 'invalid-session-id'> {
  return isId(text) ? { ok: true, value: branded(text) } : { ok: false, error: 'invalid-session-id' };
}

function isId(text: string): boolean {
  // NUL is no character of a text in PostgreSQL.
  return text.length > 0 && text.length <= MAX_ID_CHARS && !text.includes('\0');
}
