import { type CheckDate, type DateCheck, LONGEST_GAP_MS, LONGEST_KNOWN_GAP_MS } from '../../date.ts';
import { DELETED_AFTER } from '../../dates-ahead.ts';
import type { Database } from '../database.ts';
import { integer } from '../row.ts';

/**
 * SQL for the time from which something that ended is kept. It is not before the last date that was trusted, or the row would be old at
 * once when the date is right again. Before the first check that date is NULL, which `greatest` passes over.
 */
export const NO_EARLIER_THAN_TRUSTED = 'greatest(belfry.clock_ms(), (SELECT trusted_at FROM belfry.clock))';

/** SQL that says whether PostgreSQL's date can be what it says: else nothing is old enough to be given up. */
export const IS_DATE_TRUSTED: string = `
  NOT EXISTS (SELECT 1 FROM belfry.clock WHERE trusted_at < belfry.clock_ms() - ${LONGEST_GAP_MS})`;

/**
 * See `Store.checkDate`. It is the database's own clock that is asked here, as by everything that is deleted or given up after a
 * time: the clocks of the processes differ, and one that is wrong must not delete what all share.
 */
export function prepareCheckDate(database: Database): (request: CheckDate) => Promise<DateCheck> {
  const begin = database.prepare(`
    INSERT INTO belfry.clock (id, seen_at, trusted_at)
    SELECT 1, t.now, t.now FROM (SELECT belfry.clock_ms() AS now) AS t ON CONFLICT (id) DO NOTHING`);
  const find = database.prepare('SELECT seen_at, trusted_at, belfry.clock_ms() FROM belfry.clock FOR UPDATE');
  const keep = database.prepare('UPDATE belfry.clock SET seen_at = $1, trusted_at = $2');
  // Locks in the order of the ids, as everybody does.
  const moveFailures = database.prepare(`
    UPDATE belfry.devices SET failing_since = failing_since + $1::BIGINT WHERE id IN (
      SELECT id FROM belfry.devices WHERE failing_since IS NOT NULL ORDER BY id FOR UPDATE)`);
  const datesAhead = DELETED_AFTER.map(({ table, key, since, where }) =>
    database.prepare(`
      UPDATE belfry.${table} SET ${since} = $1::BIGINT WHERE ${key} IN (
        SELECT ${key} FROM belfry.${table} WHERE ${where} AND ${since} > $1::BIGINT ORDER BY ${key} FOR NO KEY UPDATE)`),
  );

  return ({ now: processNow, steadyNow, isConfirmed }) =>
    database.transaction(async ({ rows }) => {
      await rows(begin);
      const [seenAt, trustedAt, now] = ((await rows(find))[0] ?? []).map(integer);
      if (seenAt === undefined || trustedAt === undefined || now === undefined) throw new TypeError('There is a row');
      const stepMs = now - seenAt;
      if (stepMs > LONGEST_KNOWN_GAP_MS) await rows(moveFailures, stepMs);
      const isTrusted = isConfirmed || now - trustedAt <= LONGEST_GAP_MS;
      const trustedFrom = isConfirmed ? now : Math.max(now, trustedAt);
      await rows(keep, now, isTrusted ? trustedFrom : trustedAt);
      if (isConfirmed) for (const statement of datesAhead) await rows(statement, now);
      const isBehind = !isConfirmed && trustedAt - now > LONGEST_GAP_MS;
      const kind = !isTrusted ? 'jumped' : isBehind ? 'behind' : 'trusted';
      return { kind, trustedAt, now, steadyNow: steadyNow ?? processNow };
    });
}
