import { LONGEST_SHORT_SCHEDULE_MS } from './waiting.ts';

/** Newer messages that are looked at, the newest first, so that a key that thousands of messages share costs no more. */
const MOST_NEWER = 100;

export interface OutdatedSql {
  /** What the names of tables begin with. */
  readonly schema: '' | 'belfry.';
  readonly deviceId: string;
  readonly pushOrigin: string;
}

/**
 * SQL that says whether a device had a newer message with the collapse key of a message `m`. The order is that of `seq`, whatever
 * the clocks said: with a clock that was set back, the older would else be sent after the newer. A message that was scheduled for
 * later is older only than those that were made after its time.
 *
 * A broadcast keeps no row for a device that took it: there, the chunk that the device is in says that it is done. That holds for
 * messages with the same audience alone.
 */
export function outdatedSql({ schema, deviceId, pushOrigin }: OutdatedSql): string {
  return `EXISTS (
    SELECT 1 FROM (
      SELECT x.seq, x.audience, x.created_at FROM ${schema}messages x
      WHERE x.collapse_key = m.collapse_key AND x.seq > m.seq ORDER BY x.seq DESC LIMIT ${MOST_NEWER}
    ) AS n
    WHERE ${isOlderSql({ older: 'm', newerCreatedAt: 'n.created_at' })} AND (
      EXISTS (
        SELECT 1 FROM ${schema}deliveries a WHERE a.seq = n.seq AND a.device_id = ${deviceId} AND a.state = 'accepted')
      OR (n.audience = m.audience
        AND NOT EXISTS (SELECT 1 FROM ${schema}deliveries a WHERE a.seq = n.seq AND a.device_id = ${deviceId})
        AND coalesce((
          SELECT c.cursor >= ${deviceId} FROM ${schema}chunks c
          WHERE c.seq = n.seq AND c.push_origin = ${pushOrigin} AND c.time_zone IS NULL AND c.last_id >= ${deviceId}
          ORDER BY c.last_id LIMIT 1), false))))`;
}

/**
 * SQL for two messages of one collapse key, of which `newer` has the higher `seq`: what was scheduled for later is older only than
 * what was made after its time.
 */
export function isOlderSql({ older, newerCreatedAt }: { older: string; newerCreatedAt: string }): string {
  return `(${older}.run_at - ${older}.created_at <= ${LONGEST_SHORT_SCHEDULE_MS} OR ${newerCreatedAt} >= ${older}.run_at)`;
}

/** SQL that says whether there are newer messages with the key of `m` at all: mostly none. */
export function hasNewerSql(schema: '' | 'belfry.'): string {
  return `EXISTS (SELECT 1 FROM ${schema}messages n WHERE n.collapse_key = m.collapse_key AND n.seq > m.seq)`;
}
