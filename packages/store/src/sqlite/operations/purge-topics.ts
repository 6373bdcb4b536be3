import type { DatabaseSync } from 'node:sqlite';
import { TOPICS_PER_ROW } from '../../topics-per-row.ts';
import { integer, integerOrNull } from '../row.ts';

interface PurgedTopics {
  readonly deleted: number;
  /** All topics were looked at since the first call, or since this was last so. */
  readonly isThrough: boolean;
}

/** Deletes topics without members, a part of the table with each call. */
export function preparePurgeTopics(database: DatabaseSync): (limit: number) => PurgedTopics {
  const look = database.prepare(`
    SELECT max(id) AS last, count(*) AS looked FROM (
      SELECT id FROM topics WHERE id > ? ORDER BY id LIMIT ?)`);
  const remove = database.prepare(`
    DELETE FROM topics WHERE id IN (
      SELECT t.id FROM topics t WHERE t.id > :after AND t.id <= :last
        AND NOT EXISTS (SELECT 1 FROM topic_users u WHERE u.topic_id = t.id)
        AND NOT EXISTS (SELECT 1 FROM topic_devices d WHERE d.topic_id = t.id)
      ORDER BY t.id LIMIT :limit)`);
  let lookedUpTo = 0;
  return (limit) => {
    const looking = limit * TOPICS_PER_ROW;
    const row = look.get(lookedUpTo, looking) ?? {};
    const last = integerOrNull(row, 'last');
    if (last === null) {
      lookedUpTo = 0;
      return { deleted: 0, isThrough: true };
    }
    const deleted = Number(remove.run({ after: lookedUpTo, last, limit }).changes);
    if (deleted >= limit) return { deleted, isThrough: false };
    const isThrough = integer(row, 'looked') < looking;
    lookedUpTo = isThrough ? 0 : last;
    return { deleted, isThrough };
  };
}
