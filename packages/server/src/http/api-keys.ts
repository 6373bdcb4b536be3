import { createHash, timingSafeEqual } from 'node:crypto';
import { BelfryError } from '../errors.ts';
import type { Admission } from './address-limit.ts';

/** A shorter key could be guessed. */
const MIN_KEY_CHARS = 16;

/** Refuses a request without a valid key; answers the hash of the one that it has. */
export type CheckApiKey = (request: Request, admission: Admission) => string;

/**
 * Only hashes are kept, and all of them are compared, in constant time.
 *
 * @throws {BelfryError} `invalid-configuration` for a key that is too short; the check throws `invalid-api-key`
 */
export function createApiKeyCheck(apiKeys: readonly string[]): CheckApiKey {
  if (apiKeys.some((key) => key.length < MIN_KEY_CHARS)) {
    throw new BelfryError('invalid-configuration', `An API key must have at least ${MIN_KEY_CHARS} characters`);
  }
  const hashes = apiKeys.map(sha256);
  return (request, { proven }) => {
    const [, key = ''] = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
    const given = sha256(key);
    if (!hashes.map((hash) => timingSafeEqual(hash, given)).includes(true)) {
      throw new BelfryError('invalid-api-key', 'Send a valid API key as "Authorization: Bearer KEY"');
    }
    proven();
    return given.toString('base64url');
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
