import {
  type Audience,
  parsePublicDeviceId,
  parseTopicName,
  parseUserId,
  type PublicDeviceId,
  type UserId,
} from '@belfry/store';
import { BelfryError } from '../errors.ts';
import { parseCondition } from './parse-condition.ts';

/** Whom a message is for. A string is a user's id. */
export type Target =
  | string
  /** Every device of a user, by an id of 1 to 256 characters. */
  | { readonly user: string }
  /** Every device of the users in a list of 1 to 1000 ids; one who is named twice gets one message. */
  | { readonly users: readonly string[] }
  /** One device, by the id that it got when it subscribed. */
  | { readonly device: string }
  /** Every device that joined the topic, or whose user did. */
  | { readonly topic: string }
  /**
   * Every device for which it holds, over its own topics and its user's: `'a' in topics && !('b' in topics)`, in FCM's words.
   * Up to 5 topics; `&&` and `||` go from left to right, as FCM's do: `a || b && c` is `(a || b) && c`.
   */
  | { readonly condition: string }
  /** Every device there is. */
  | { readonly all: true };

const MAX_USERS = 1000;

/** @throws {BelfryError} `invalid-target`, or `invalid-condition` with the place where it goes wrong */
export function parseTarget(input: unknown): Audience {
  if (typeof input === 'string') return usersAudience([input]);
  const [entry, ...others] = Object.entries(Object(input)).filter(([, value]) => value !== undefined);
  if (entry === undefined || others.length > 0) throw invalid(TARGET_RULE);
  const [key, value]: [string, unknown] = entry;
  switch (key) {
    case 'user':
      return usersAudience([value]);
    case 'users':
      return usersAudience(value);
    case 'device':
      return deviceAudience(value);
    case 'topic':
      return topicAudience(value);
    case 'condition':
      return conditionAudience(value);
    case 'all':
      if (value !== true) throw invalid('all: must be true');
      return { kind: 'all' };
    default:
      throw invalid(TARGET_RULE);
  }
}

/** What every id from outside must be; see `isStorableText`. */
export const ID_RULE = '1 to 256 characters of well-formed Unicode without NUL';

const TARGET_RULE = 'it is a user id, or an object with one of user, users, device, topic, condition and all';

function usersAudience(ids: unknown): Audience {
  if (!Array.isArray(ids)) throw invalid('users: must be an array of user ids');
  // The length goes first, so that a long list costs nothing.
  if (ids.length === 0 || ids.length > MAX_USERS) throw invalid(`users: must be 1 to ${MAX_USERS} user ids`);
  return { kind: 'users', userIds: [...new Set(ids.map(userIdOf))] };
}

function userIdOf(id: unknown): UserId {
  const userId = parseUserId(id);
  if (!userId.ok) throw invalid(`a user id has ${ID_RULE}`);
  return userId.value;
}

function deviceAudience(id: unknown): Audience {
  return { kind: 'device', publicId: parseDeviceId(id) };
}

/** @throws {BelfryError} `invalid-target` */
export function parseDeviceId(id: unknown): PublicDeviceId {
  const deviceId = parsePublicDeviceId(id);
  if (!deviceId.ok) throw invalid(`device: must be a device id of ${ID_RULE}`);
  return deviceId.value;
}

function topicAudience(name: unknown): Audience {
  const topic = parseTopicName(name);
  if (!topic.ok) throw invalid('topic: must be a name of 1 to 900 letters, digits and -_.~%');
  return { kind: 'condition', condition: { kind: 'topic', topic: topic.value } };
}

function conditionAudience(text: unknown): Audience {
  if (typeof text !== 'string') throw invalid('condition: must be a string');
  const result = parseCondition(text);
  if (!result.ok) {
    const { position, expected } = result;
    throw new BelfryError('invalid-condition', `The condition is wrong at column ${position}: expected ${expected}`);
  }
  return { kind: 'condition', condition: result.condition };
}

function invalid(rule: string): BelfryError {
  return new BelfryError('invalid-target', `The target is not well formed: ${rule}`);
}
