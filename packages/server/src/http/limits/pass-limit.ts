import { hash } from 'node:crypto';
import type { UserId } from '@belfry/store';
import type { Clock } from '../../effects.ts';
import {
  MAX_KNOWN_CREDENTIALS_PER_USER,
  MAX_RECENT_KEYS,
  PASSES_PER_SECOND,
  PASSES_PER_USER_PER_MINUTE,
} from '../../limits.ts';
import { createRateLimit } from './rate-limit.ts';
import { createRecentKeys } from './recent-keys.ts';
import { createTurns } from './turns.ts';

/** Lets requests pass although strangers have used up the limit of their address. */
export interface PassLimit {
  /**
   * Undefined where the request must not pass. API keys always pass, since checking one is cheap. So do credentials of users
   * that `authenticate` has accepted lately. All others share a few turns a second.
   *
   * @throws {BelfryError} `too-many-requests` where a known user passes too often, with all of their credentials together
   */
  pass(request: Request): Pass | undefined;
  /** `authenticate` accepted the request, and the user's own limit let it through. */
  remember(request: Request, userId: UserId): void;
}

export interface Pass {
  /** The request is of a user, a device or an application: its turn is left for the next. */
  proven(): void;
}

export function createPassLimit(options: { hasApiKey(request: Request): boolean; readonly clock: Clock }): PassLimit {
  const { hasApiKey, clock } = options;
  const users = createRecentKeys<UserId>({ maxKeys: MAX_RECENT_KEYS, maxPerOwner: MAX_KNOWN_CREDENTIALS_PER_USER });
  const limitUser = createRateLimit({ limit: PASSES_PER_USER_PER_MINUTE, windowMs: 60_000, clock });
  const turns = createTurns({ perSecond: PASSES_PER_SECOND, clock });
  return {
    pass(request) {
      if (hasApiKey(request)) return { proven() {} };
      const credentials = credentialsOf(request);
      const userId = credentials === undefined ? undefined : users.ownerOf(credentials);
      if (userId !== undefined) {
        limitUser(userId);
        return { proven() {} };
      }
      return turns.take() ? { proven: () => turns.giveBack() } : undefined;
    },
    remember(request, userId) {
      const credentials = credentialsOf(request);
      if (credentials !== undefined) users.add(credentials, userId);
    },
  };
}

/** Only a hash stays in memory. Undefined where the application knows its users by something else. */
function credentialsOf({ headers }: Request): string | undefined {
  const [cookie, authorization] = [headers.get('cookie'), headers.get('authorization')];
  if (cookie === null && authorization === null) return undefined;
  return hash('sha256', JSON.stringify([cookie, authorization]), 'base64');
}
