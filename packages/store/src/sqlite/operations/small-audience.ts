import type { DatabaseSync } from 'node:sqlite';
import type { Audience, Condition } from '../../audience.ts';
import { SMALL_AUDIENCE_DEVICES } from '../../chunk.ts';
import { integer, type Row } from '../row.ts';
import { boundingTopics } from '../../bounding-topics.ts';
import { prepareConditionSql } from './condition-sql.ts';

export const PLANNED_COLUMNS = 'd.id AS device_id, d.binding, d.time_zone';
/** One more than are small: so many rows are enough to know. */
const ENOUGH = SMALL_AUDIENCE_DEVICES + 1;

/**
 * The live devices of an audience other than users, up to a last id, with their bindings and time zones; null where the audience is to
 * be reached in chunks.
 */
export function prepareSmallAudience(
  database: DatabaseSync,
): (audience: Exclude<Audience, { readonly kind: 'users' }>, lastDeviceId: number) => readonly Row[] | null {
  const one = database.prepare(`
    SELECT ${PLANNED_COLUMNS} FROM devices d WHERE d.public_id = ? AND d.id <= ? AND d.state = 'live'`);
  const meetCondition = prepareMeetCondition(database);
  return (audience, lastDeviceId) => {
    switch (audience.kind) {
      case 'device':
        return one.all(audience.publicId, lastDeviceId);
      case 'condition':
        return meetCondition(audience.condition, lastDeviceId);
      case 'all':
        return null;
    }
  };
}

function prepareMeetCondition(
  database: DatabaseSync,
): (condition: Condition, lastDeviceId: number) => readonly Row[] | null {
  const compile = prepareConditionSql(database);
  // DISTINCT ends at the limit, where a UNION of the two would first gather all members of both.
  const joined = database.prepare(`
    SELECT DISTINCT d.id FROM topics n JOIN topic_devices t ON t.topic_id = n.id JOIN devices d ON d.id = t.device_id
    WHERE n.name IN (SELECT value FROM json_each(?)) AND d.id <= ? AND d.state = 'live' LIMIT ${ENOUGH}`);
  const joinedByUser = database.prepare(`
    SELECT DISTINCT d.id FROM topics n JOIN topic_users t ON t.topic_id = n.id JOIN devices d ON d.user_id = t.user_id
    WHERE n.name IN (SELECT value FROM json_each(?)) AND d.id <= ? AND d.state = 'live' LIMIT ${ENOUGH}`);
  return (condition, lastDeviceId) => {
    const topics = boundingTopics(condition);
    if (topics === null) return null;
    const names = JSON.stringify(topics);
    const members = new Set<number>();
    for (const statement of [joined, joinedByUser]) {
      for (const row of statement.all(names, lastDeviceId)) members.add(integer(row, 'id'));
      if (members.size > SMALL_AUDIENCE_DEVICES) return null;
    }
    const { sql, topicIds } = compile(condition);
    return database
      .prepare(`SELECT ${PLANNED_COLUMNS} FROM devices d WHERE d.id IN (SELECT value FROM json_each(?)) AND ${sql}`)
      .all(JSON.stringify([...members]), ...topicIds);
  };
}
