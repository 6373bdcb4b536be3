import type { DatabaseSync } from 'node:sqlite';
import type { Condition, TopicName } from '../../audience.ts';
import { integer } from '../row.ts';

/** A condition on a device `d`, and the values of its `?`s: ids of topics, 0 for one that nobody ever joined. */
export interface ConditionSql {
  readonly sql: string;
  readonly topicIds: readonly number[];
}

/** Compiles conditions; those of the same shape have the same SQL. */
export function prepareConditionSql(database: DatabaseSync): (condition: Condition) => ConditionSql {
  const find = database.prepare('SELECT id FROM topics WHERE name = ?');
  return (condition) =>
    compile(condition, (topic) => {
      const row = find.get(topic);
      return row === undefined ? 0 : integer(row, 'id');
    });
}

function compile(condition: Condition, topicId: (topic: TopicName) => number): ConditionSql {
  switch (condition.kind) {
    case 'topic': {
      const id = topicId(condition.topic);
      return {
        sql: `(EXISTS (SELECT 1 FROM topic_users t WHERE t.topic_id = ? AND t.user_id = d.user_id)
          OR EXISTS (SELECT 1 FROM topic_devices t WHERE t.topic_id = ? AND t.device_id = d.id))`,
        topicIds: [id, id],
      };
    }
    case 'not': {
      const { sql, topicIds } = compile(condition.of, topicId);
      return { sql: `NOT ${sql}`, topicIds };
    }
    case 'and':
    case 'or': {
      const parts = condition.of.map((part) => compile(part, topicId));
      return {
        sql: `(${parts.map(({ sql }) => sql).join(condition.kind === 'and' ? ' AND ' : ' OR ')})`,
        topicIds: parts.flatMap(({ topicIds }) => topicIds),
      };
    }
  }
}
