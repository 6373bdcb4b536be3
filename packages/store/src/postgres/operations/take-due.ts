import { branded } from '@belfry/protocol';
import type { Delivery } from '../../message.ts';
import { cappedExpirySql } from '../../expiry-sql.ts';
import type { Database } from '../database.ts';
import { bytesOrNull, integer, integerOrNull, type Row, text } from '../row.ts';
import { hasTooFarLease, prepareCutLeases } from './cut-leases.ts';
import { DELIVERY_DEVICE_COLUMNS, DELIVERY_DEVICE_WIDTH, toDeliveryDevice } from './delivery-device-row.ts';
import { IS_NOT_TO_BE_SENT, prepareDropForeign } from './drop-foreign.ts';
import { prepareParkPaused } from './park-paused.ts';
import { IS_SET_BACK, prepareRestartDelays, TOLERANCE_MS } from './restart-delays.ts';
import { prepareStoreClock, type StoreClock } from './store-clock.ts';

interface Request {
  readonly now: number;
  readonly limit: number;
  readonly leaseMs: number;
}

interface Due {
  readonly deliveries: readonly Delivery[];
  readonly nextDueAt: number | null;
}

/**
 * The state of a message and whether a device is still whose it was are asked for each delivery, by subqueries that the planner
 * keeps: as joins it began with the few messages under way, and read and sorted all that waits of them (140 ms for 100 of
 * 20,000).
 */
const IS_UNDER_WAY = "(SELECT m.state FROM belfry.messages m WHERE m.seq = l.seq) = 'fanning-out'";
const EXPIRES_AT = cappedExpirySql({ messages: 'belfry.messages', row: 'l', now: '$1::BIGINT' }, TOLERANCE_MS);

/**
 * See `Store.takeDue`. What another process is taking at this moment is passed over. Those that are not to be sent any more are
 * dropped in a transaction of their own, since that locks messages before deliveries. Those of a paused message lose their `run_at`
 * in another one.
 */
export function prepareTakeDue(database: Database): (request: Request) => Promise<Due> {
  const dropForeign = prepareDropForeign(database);
  const restartDelays = prepareRestartDelays(database);
  const parkPaused = prepareParkPaused(database);
  const cutLeases = prepareCutLeases(database);
  const readClock = prepareStoreClock(database);
  const due = (isDue: string) => `
    SELECT l.seq, l.device_id, ${IS_UNDER_WAY} AS is_under_way, ${IS_NOT_TO_BE_SENT} AS is_foreign
    FROM belfry.deliveries l WHERE ${isDue} ORDER BY l.run_at LIMIT $2 FOR UPDATE OF l SKIP LOCKED`;
  // The lease of a process that died comes back; those that are due by their time come first.
  const take = database.prepareWrite(`
    WITH retrying AS (${due("l.state = 'retrying' AND l.run_at <= $1")}),
      abandoned AS (${due(`l.state = 'sending' AND l.run_at <= (SELECT belfry.clock_ms()) AND ${IS_UNDER_WAY}`)}),
      due AS (SELECT * FROM retrying UNION ALL SELECT * FROM abandoned LIMIT $2),
      taken AS (
        UPDATE belfry.deliveries l SET state = 'sending', run_at = belfry.clock_ms() + $3::BIGINT, lease = l.lease + 1,
          leased_by = $4, updated_at = $5, expires_at = ${EXPIRES_AT}
        FROM due WHERE l.seq = due.seq AND l.device_id = due.device_id AND due.is_under_way AND NOT due.is_foreign
          AND ${database.durably}
        RETURNING l.seq, l.device_id, l.attempts, l.expires_at, l.lease
      )
    SELECT ${DELIVERY_DEVICE_COLUMNS}, due.seq, due.device_id, due.is_under_way, due.is_foreign,
      m.id, m.content, m.receipt_key, taken.attempts, taken.expires_at, taken.lease
    FROM due JOIN belfry.messages m ON m.seq = due.seq
      LEFT JOIN taken ON taken.seq = due.seq AND taken.device_id = due.device_id
      LEFT JOIN belfry.devices d ON d.id = taken.device_id
    ORDER BY due.seq, due.device_id`);
  const next = database.prepare(`
    SELECT ${IS_SET_BACK.deliveries('$1')}, (
      SELECT run_at FROM belfry.deliveries WHERE state = 'retrying' AND run_at >= 0 ORDER BY run_at LIMIT 1),
      ${hasTooFarLease('$2')}`);

  return async ({ now, limit, leaseMs }) => {
    const clock = await readClock(now);
    const { storeNow } = clock;
    const found = await database.write(take, storeNow, limit, leaseMs, database.storeId, now);
    const isUnderWay = (row: Row) => row[DELIVERY_DEVICE_WIDTH + 2] === true;
    await parkPaused(new Set(found.filter((row) => !isUnderWay(row)).map(seqOf)), storeNow);
    const underWay = found.filter(isUnderWay);
    const foreign = underWay.filter((row) => row[DELIVERY_DEVICE_WIDTH + 3] === true);
    const listed = foreign.map((row) => ({ seq: seqOf(row), deviceId: integer(row[DELIVERY_DEVICE_WIDTH + 1]) }));
    // What was taken is leased already. Where the call failed, nobody would send that until the leases are over.
    await dropForeign(listed, now).catch(() => {});
    const deliveries = underWay
      .filter((row) => row[DELIVERY_DEVICE_WIDTH + 3] === false && row[0] !== null)
      .map((row) => toDelivery(row, clock));
    const [following] = await database.read(next, storeNow, leaseMs);
    const isSetBack = following?.[0] === true;
    if (following?.[2] === true) await cutLeases.deliveries(leaseMs);
    if (isSetBack) await restartDelays.deliveries(storeNow);
    const nextDueAt = integerOrNull(following?.[1] ?? null);
    return { deliveries, nextDueAt: isSetBack ? now : nextDueAt && clock.toCaller(nextDueAt) };
  };
}

function seqOf(row: Row): number {
  return integer(row[DELIVERY_DEVICE_WIDTH]);
}

function toDelivery(row: Row, { toCaller }: StoreClock): Delivery {
  const [seq, , , , id, content, receiptKey, attempts, expiresAt, lease] = row.slice(DELIVERY_DEVICE_WIDTH);
  return {
    message: {
      id: branded(text(id)),
      seq: branded(integer(seq)),
      content: text(content),
      receiptKey: bytesOrNull(receiptKey),
    },
    device: toDeliveryDevice(row),
    attempts: integer(attempts),
    expiresAt: toCaller(integer(expiresAt)),
    lease: integer(lease),
  };
}
