import { parseSessionId, parseUserId, type SessionId, type UserId } from '@belfry/store';
import { ID_RULE } from '../message/target.ts';
import { InvalidResultError } from './ask-application.ts';

/** What `authenticate` answers: who is signed in, with the session if the application has one; null for nobody. */
export type Identification =
  | string
  | { readonly userId: string; readonly sessionId?: string | null | undefined }
  | null
  | undefined;

/** A signed-in user. */
export interface Identity {
  readonly userId: UserId;
  readonly sessionId: SessionId | null;
}

/**
 * Undefined where nobody is signed in.
 *
 * @throws {InvalidResultError} where `authenticate` returned what is no id
 */
export function toIdentity(identification: Identification): Identity | undefined {
  if (identification === null || identification === undefined) return undefined;
  const { userId, sessionId = null } = typeof identification === 'string' ? { userId: identification } : identification;
  const user = parseUserId(userId);
  const session = sessionId === null ? null : parseSessionId(sessionId);
  if (!user.ok || session?.ok === false) {
    throw new InvalidResultError(`\`authenticate\` must return ids that are strings of ${ID_RULE}`);
  }
  return { userId: user.value, sessionId: session?.value ?? null };
}
