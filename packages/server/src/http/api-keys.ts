import { createHash, timingSafeEqual } from 'node:crypto';
import { BelfryError } from '../errors.ts';

/** A shorter key could be guessed. */
const MIN_KEY_CHARS = 16;

/** The hash of the valid key that a request has; undefined where it has none. */
export type CheckApiKey = (request: Request) => string | undefined;

/**
 * Only hashes are kept, and all of them are compared, in constant time.
 *
 * @throws {BelfryError} `invalid-configuration` for a key that is too short
 */
export function createApiKeyCheck(apiKeys: readonly string[]): CheckApiKey {
  if (apiKeys.some((key) => key.length < MIN_KEY_CHARS)) {
    throw new BelfryError('invalid-configuration', `An API key must have at least ${MIN_KEY_CHARS} characters`);
  }
  const hashes = apiKeys.map(sha256);
  return (request) => {
    const [, key = ''] = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
    const given = sha256(key);
    const isValid = hashes.map((hash) => timingSafeEqual(hash, given)).includes(true);
    return isValid ? given.toString('base64url') : undefined;
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
