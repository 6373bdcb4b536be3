import { type Brand, branded, type Parsed } from '@belfry/protocol';
import type { PublicDeviceId, UserId } from './ids.ts';

/** The name of an audience that users and devices join, as FCM has it. */
export type TopicName = Brand<string, 'TopicName'>;

/** FCM's rule: 1 to 900 letters, digits and `-_.~%`. */
export function parseTopicName(value: unknown): Parsed<TopicName, 'invalid-topic'> {
  return typeof value === 'string' && /^[\w.~%\-]{1,900}$/v.test(value)
    ? { ok: true, value: branded(value) }
    : { ok: false, error: 'invalid-topic' };
}

/**
 * Judged for each device, over the topics that it joined itself and those of its user. At least one topic stands outside
 * every `not` (FCM's rule), so that nobody is reached by having joined nothing.
 */
export type Condition =
  | { readonly kind: 'topic'; readonly topic: TopicName }
  | { readonly kind: 'not'; readonly of: Condition }
  /** Of at least two. */
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] };

/** Whom a message is for. `users` and `device` are small: each of their devices has a delivery of its own at once. */
export type Audience =
  | { readonly kind: 'users'; readonly userIds: readonly UserId[] }
  | { readonly kind: 'device'; readonly publicId: PublicDeviceId }
  | { readonly kind: 'condition'; readonly condition: Condition }
  | { readonly kind: 'all' };

/** Who joins a topic: a user with every device, of now and later, or one device. */
export type TopicMember = { readonly userId: UserId } | { readonly publicId: PublicDeviceId };

export interface TopicMembership {
  readonly topic: TopicName;
  readonly member: TopicMember;
}
