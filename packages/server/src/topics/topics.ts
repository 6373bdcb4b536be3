import { parseTopicName, parseUserId, type Store, type TopicMember, type TopicName } from '@belfry/store';
import type { Belfry, TopicMemberOption } from '../belfry.ts';
import type { Clock } from '../effects.ts';
import { BelfryError } from '../errors.ts';
import { ID_RULE, parseDeviceId } from '../message/target.ts';

export type Topics = Pick<Belfry, 'joinTopic' | 'leaveTopic' | 'topicsOf'>;

/** What the application does with topics; browsers come by the routes. */
export function createTopics({ store, clock }: { readonly store: Store; readonly clock: Clock }): Topics {
  return {
    async joinTopic(topic, member) {
      const membership = { topic: checkedTopic(topic), member: checkedMember(member) };
      const joined = await store.joinTopic({ ...membership, now: clock.now() });
      if (!joined) throw new BelfryError('unknown-device', 'There is no live device with this id');
    },
    async leaveTopic(topic, member) {
      await store.leaveTopic({ topic: checkedTopic(topic), member: checkedMember(member) });
    },
    topicsOf: async (member) => await store.topicsOf(checkedMember(member)),
  };
}

/** @throws {BelfryError} `invalid-topic` */
export function checkedTopic(text: unknown): TopicName {
  const topic = parseTopicName(text);
  if (topic.ok) return topic.value;
  throw new BelfryError('invalid-topic', 'A topic has 1 to 900 letters, digits and characters of -_.~%');
}

function checkedMember(member: TopicMemberOption): TopicMember {
  // JavaScript callers may pass null, or anything.
  const { user: id, device }: { user?: unknown; device?: unknown } =
    typeof member === 'string' ? { user: member } : Object(member);
  if (device !== undefined) return { publicId: parseDeviceId(device) };
  const user = parseUserId(id);
  if (user.ok) return { userId: user.value };
  throw new BelfryError('invalid-target', `A topic is joined by a user id (${ID_RULE}), { user }, or { device }`);
}
