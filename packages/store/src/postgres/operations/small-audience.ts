import type { Audience, Condition } from '../../audience.ts';
import { SMALL_AUDIENCE_DEVICES } from '../../chunk.ts';
import { boundingTopics } from '../../bounding-topics.ts';
import type { Database, Transaction, Value } from '../database.ts';
import { integer } from '../row.ts';
import { conditionSql } from './condition-sql.ts';

/** A condition on a device `d`, and what its `$1` and `$2` stand for. */
export interface AudienceSql {
  readonly sql: string;
  readonly values: readonly [Value, Value];
}

/** One more than are small: so many are enough to know. */
const ENOUGH = SMALL_AUDIENCE_DEVICES + 1;

/** The devices of an audience that is small; null where it is to be reached in chunks. */
export function prepareSmallAudience(
  database: Database,
): (transaction: Transaction, audience: Audience, lastDeviceId: number) => Promise<AudienceSql | null> {
  // DISTINCT ends at the limit, where a UNION of the two would first gather all members of both.
  const joined = database.prepare(`
    SELECT DISTINCT d.id FROM belfry.topics n JOIN belfry.topic_devices t ON t.topic_id = n.id
      JOIN belfry.devices d ON d.id = t.device_id
    WHERE n.name = ANY ($1::TEXT[]) AND d.id <= $2 AND d.state = 'live' LIMIT ${ENOUGH}`);
  const joinedByUser = database.prepare(`
    SELECT DISTINCT d.id FROM belfry.topics n JOIN belfry.topic_users t ON t.topic_id = n.id
      JOIN belfry.devices d ON d.user_id = t.user_id
    WHERE n.name = ANY ($1::TEXT[]) AND d.id <= $2 AND d.state = 'live' LIMIT ${ENOUGH}`);

  async function ofCondition(
    { rows }: Transaction,
    condition: Condition,
    lastDeviceId: number,
  ): Promise<AudienceSql | null> {
    const bounding = boundingTopics(condition);
    if (bounding === null) return null;
    const members = new Set<number>();
    for (const statement of [joined, joinedByUser]) {
      for (const [id] of await rows(statement, bounding, lastDeviceId)) members.add(integer(id));
      if (members.size > SMALL_AUDIENCE_DEVICES) return null;
    }
    const { sql, topics } = conditionSql(condition, '$2');
    return { sql: `d.id = ANY ($1::BIGINT[]) AND ${sql}`, values: [[...members], topics] };
  }

  return async (transaction, audience, lastDeviceId) => {
    switch (audience.kind) {
      case 'users':
        return {
          sql: 'd.user_id IN (SELECT id FROM belfry.users WHERE external_id = ANY ($1::TEXT[])) AND $2::TEXT IS NULL',
          values: [audience.userIds, null],
        };
      case 'device':
        return { sql: 'd.public_id = $1 AND $2::TEXT IS NULL', values: [audience.publicId, null] };
      case 'condition':
        return ofCondition(transaction, audience.condition, lastDeviceId);
      case 'all':
        return null;
    }
  };
}
