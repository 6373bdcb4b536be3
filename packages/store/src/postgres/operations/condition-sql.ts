import type { Condition, TopicName } from '../../audience.ts';

/** A condition on a device `d`, whose text depends on its shape alone; the names of its topics are an array. */
export interface ConditionSql {
  readonly sql: string;
  readonly topics: readonly TopicName[];
}

/**
 * @param parameter the array of topic names: '$5'
 *
 * Each device of a page is looked up in both tables, by their keys, so a broadcast costs two look-ups for each device of the
 * chunk, however few have joined. OFFSET 0 holds the planner to that: it would else gather all members of the topic for
 * each page, and a topic with a million members has 5000 pages.
 */
export function conditionSql(condition: Condition, parameter: string): ConditionSql {
  const topics: TopicName[] = [];
  return { sql: toSql(condition), topics };

  function toSql(part: Condition): string {
    switch (part.kind) {
      case 'topic': {
        topics.push(part.topic);
        const id = `(SELECT n.id FROM belfry.topics n WHERE n.name = (${parameter}::TEXT[])[${topics.length}])`;
        return `(
          EXISTS (SELECT 1 FROM belfry.topic_users t WHERE t.topic_id = ${id} AND t.user_id = d.user_id OFFSET 0)
          OR EXISTS (SELECT 1 FROM belfry.topic_devices t WHERE t.topic_id = ${id} AND t.device_id = d.id OFFSET 0))`;
      }
      case 'not':
        return `NOT ${toSql(part.of)}`;
      case 'and':
      case 'or':
        return `(${part.of.map(toSql).join(part.kind === 'and' ? ' AND ' : ' OR ')})`;
    }
  }
}
