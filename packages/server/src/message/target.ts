import { parseUserId, type UserId } from '@belfry/store';
import * as v from 'valibot';
import { BelfryError } from '../errors.ts';

/** Whom a message is for: a user, on every device of theirs. */
export type Target = string | { readonly user: string };

const schema = v.union([v.string(), v.strictObject({ user: v.string() })]);

/** @throws {BelfryError} `invalid-target` */
export function parseTarget(input: unknown): UserId {
  const target = v.safeParse(schema, input);
  const user = target.success && parseUserId(typeof target.output === 'string' ? target.output : target.output.user);
  if (!user || !user.ok) {
    throw new BelfryError('invalid-target', 'A target is a user id of 1 to 256 characters, or { user } with one');
  }
  return user.value;
}
