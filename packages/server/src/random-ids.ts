import { type Brand, branded, encodeBase64Url } from '@belfry/protocol';
import type { RandomBytes } from './effects.ts';

/** 128 random bits as 22 characters: nobody guesses one, and no two are the same. */
export function randomId<Name extends string>(randomBytes: RandomBytes): Brand<string, Name> {
  return branded(encodeBase64Url(randomBytes(16)));
}
