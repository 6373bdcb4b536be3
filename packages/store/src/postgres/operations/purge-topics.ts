import { TOPICS_PER_ROW } from '../../topics-per-row.ts';
import type { Database } from '../database.ts';
import { integer } from '../row.ts';

interface PurgedTopics {
  readonly deleted: number;
  /** All topics were looked at since the first call, or since this was last so. */
  readonly isThrough: boolean;
}

const HAS_NO_MEMBERS = `
  NOT EXISTS (SELECT 1 FROM belfry.topic_users u WHERE u.topic_id = t.id)
  AND NOT EXISTS (SELECT 1 FROM belfry.topic_devices d WHERE d.topic_id = t.id)`;

/**
 * Deletes topics without members, a part of the table with each call. Whoever joins a topic has a lock on it, so the topics are
 * locked first, and a new statement, which sees who has joined meanwhile, deletes those that are empty still.
 */
export function preparePurgeTopics(database: Database): (limit: number) => Promise<PurgedTopics> {
  const look = database.prepare(`
    SELECT max(id), count(*) FROM (
      SELECT id FROM belfry.topics WHERE id > $1 ORDER BY id LIMIT $2) AS looked`);
  const lock = database.prepare(`
    SELECT t.id FROM belfry.topics t WHERE t.id > $1 AND t.id <= $2 AND ${HAS_NO_MEMBERS}
    ORDER BY t.id LIMIT $3 FOR UPDATE OF t SKIP LOCKED`);
  const remove = database.prepare(`
    DELETE FROM belfry.topics t WHERE t.id = ANY ($1::BIGINT[]) AND ${HAS_NO_MEMBERS} RETURNING 1`);
  let lookedUpTo = 0;
  return async (limit) => {
    const looking = limit * TOPICS_PER_ROW;
    const [looked] = await database.read(look, lookedUpTo, looking);
    if (looked?.[0] == null) {
      lookedUpTo = 0;
      return { deleted: 0, isThrough: true };
    }
    const last = integer(looked[0]);
    const deleted = await database.transaction(async ({ rows }) => {
      const empty = (await rows(lock, lookedUpTo, last, limit)).map(([id]) => integer(id));
      return empty.length === 0 ? 0 : (await rows(remove, empty)).length;
    });
    if (deleted >= limit) return { deleted, isThrough: false };
    const isThrough = integer(looked[1] ?? 0) < looking;
    lookedUpTo = isThrough ? 0 : last;
    return { deleted, isThrough };
  };
}
