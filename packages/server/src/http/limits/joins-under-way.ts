import type { TopicName, UserId } from '@belfry/store';

export interface JoinsUnderWay {
  /** Runs `join` with the topics that the user's earlier joins, which have not ended yet, may add. */
  run(join: UserJoin): Promise<void>;
}

export interface UserJoin {
  readonly userId: UserId;
  readonly topic: TopicName;
  join(earlier: readonly TopicName[]): Promise<void>;
}

/**
 * Knows which joins of a user are under way. A limit that only counts the stored topics does not hold for requests that come
 * at once: each of them would read the count before any other has written. Here the later of two joins always counts the
 * earlier one: it finds it stored, or under way. No join waits for another.
 */
export function createJoinsUnderWay(): JoinsUnderWay {
  const joins = new Map<UserId, readonly TopicName[]>();
  return {
    async run({ userId, topic, join }) {
      const earlier = joins.get(userId) ?? [];
      joins.set(userId, [...earlier, topic]);
      try {
        await join(earlier);
      } finally {
        const left = withoutOne(joins.get(userId) ?? [], topic);
        if (left.length === 0) joins.delete(userId);
        else joins.set(userId, left);
      }
    },
  };
}

function withoutOne(topics: readonly TopicName[], topic: TopicName): readonly TopicName[] {
  return topics.toSpliced(topics.indexOf(topic), 1);
}
