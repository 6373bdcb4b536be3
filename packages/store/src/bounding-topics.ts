import type { Condition, TopicName } from './audience.ts';

/**
 * Topics such that whoever meets the condition has joined one of them; null where there are none, as in `a || !b`, which
 * a device meets that joined nothing.
 */
export function boundingTopics(condition: Condition): readonly TopicName[] | null {
  switch (condition.kind) {
    case 'topic':
      return [condition.topic];
    case 'not':
      return null;
    case 'and': {
      const parts = condition.of.map(boundingTopics).filter((topics) => topics !== null);
      return parts.length === 0 ? null : parts.flat();
    }
    case 'or': {
      const parts = condition.of.map(boundingTopics);
      return parts.includes(null) ? null : parts.flatMap((topics) => topics ?? []);
    }
  }
}
