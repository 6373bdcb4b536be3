import { parseTopicName, parseUserId, type Store, type TopicMember, type TopicName } from '@belfry/store';
import type { Belfry, TopicMemberOption } from '../belfry.ts';
import type { Clock } from '../effects.ts';
import { BelfryError } from '../errors.ts';
import { parseDeviceId } from '../message/target.ts';

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
export function checkedTopic(text: string): TopicName {
  const topic = parseTopicName(text);
  if (topic.ok) return topic.value;
  throw new BelfryError('invalid-topic', 'A topic has 1 to 900 letters, digits and characters of -_.~%');
}

function checkedMember(member: TopicMemberOption): TopicMember {
  if (typeof member === 'object' && 'device' in member) return { publicId: parseDeviceId(member.device) };
  const user = parseUserId(typeof member === 'object' ? member.user : member);
  if (user.ok) return { userId: user.value };
  throw new BelfryError(
    'invalid-target',
    'A topic is joined by a user id of 1 to 256 characters, { user }, or { device }',
  );
}
