import type { DatabaseSync } from 'node:sqlite';
import { type CheckDate, type DateCheck, LONGEST_GAP_MS, LONGEST_KNOWN_GAP_MS } from '../../date.ts';
import { DELETED_AFTER } from '../../dates-ahead.ts';
import { integer } from '../row.ts';

/** SQL for the time at which something ends: not before the last date that is trusted, or it would be old at once. */
export const NO_EARLIER_THAN_TRUSTED = 'max(:now, coalesce((SELECT trusted_at FROM clock), 0))';

/** A running clock that is turned by less was not set. */
const SMALLEST_STEP_MS = 60_000;

/**
 * See `Store.checkDate`. Where the date is trusted, steady time goes on with it. Devices that fail have failed for as long as before
 * then, so `failing_since` moves by the step: these rows are few, and have an index.
 */
export function prepareCheckDate(database: DatabaseSync): (request: CheckDate) => DateCheck {
  const find = database.prepare('SELECT seen_at, trusted_at FROM clock');
  const insert = database.prepare('INSERT INTO clock (id, seen_at, trusted_at) VALUES (1, :now, :now)');
  const keep = database.prepare('UPDATE clock SET seen_at = :seenAt, trusted_at = :trustedAt');
  const moveFailures = database.prepare(`
    UPDATE devices INDEXED BY devices_failing SET failing_since = failing_since + :stepMs
    WHERE failing_since IS NOT NULL`);
  const datesAhead = DELETED_AFTER.map(({ table, since, where }) =>
    database.prepare(`UPDATE ${table} SET ${since} = :now WHERE ${where} AND ${since} > :now`),
  );

  return ({ now, steadyNow, isConfirmed }) => {
    const row = find.get();
    if (row === undefined) {
      insert.run({ now });
      return { kind: 'trusted', trustedAt: now, now, steadyNow: now };
    }
    const trustedAt = integer(row, 'trusted_at');
    const expected = steadyNow ?? integer(row, 'seen_at');
    if (!isConfirmed && now - Math.max(expected, trustedAt) > LONGEST_GAP_MS) {
      keep.run({ seenAt: expected, trustedAt });
      return { kind: 'jumped', trustedAt, now, steadyNow: expected };
    }
    const stepMs = now - expected;
    // Between two runs, time has passed; of a long one nobody knows how much.
    const isStep =
      steadyNow === null ? stepMs < 0 || stepMs > LONGEST_KNOWN_GAP_MS : Math.abs(stepMs) > SMALLEST_STEP_MS;
    if (isStep) moveFailures.run({ stepMs });
    if (isConfirmed) for (const statement of datesAhead) statement.run({ now });
    keep.run({ seenAt: now, trustedAt: isConfirmed ? now : Math.max(now, trustedAt) });
    const isBehind = !isConfirmed && trustedAt - now > LONGEST_GAP_MS;
    return { kind: isBehind ? 'behind' : 'trusted', trustedAt, now, steadyNow: now };
  };
}
