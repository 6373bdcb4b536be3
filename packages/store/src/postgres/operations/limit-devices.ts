import { type DeviceLimits, MAX_REMOVED_AT_ONCE, PUSH_SERVICE_SQL } from '../../device-limits.ts';
import type { Database } from '../database.ts';
import type { Binding } from '../../ids.ts';
import { bytesOrNull, integer, type Row } from '../row.ts';
import { type DeviceTransaction, toEndedDevice } from './change-devices.ts';
import { prepareLockUser } from './lock-user.ts';

interface SavedRow {
  readonly user: number;
  readonly deviceId: number;
  readonly secretHash: Uint8Array | null;
  readonly limits: DeviceLimits | undefined;
}

/**
 * Removes what the user of a device that was saved has beyond the limits, as `Store.removeDevice` does: devices that were
 * never accepted first, and of those the ones without a sign of life for longest. Never the device itself. Devices that are gone
 * have a limit of their own, or a user could fill the disk with them. Near a limit, the
 * saves of one user are counted one after the other. Rows that another transaction has are passed over, so that two never wait
 * for each other in a circle. Returns the bindings of what it has removed.
 */
export function prepareLimitDevices(
  database: Database,
): (transaction: DeviceTransaction, saved: SavedRow) => Promise<Binding[]> {
  const count = database.prepare(`
    SELECT count(*), count(DISTINCT ${PUSH_SERVICE_SQL}),
      EXISTS (SELECT 1 FROM belfry.devices WHERE user_id = $1 AND state = 'gone' OFFSET $2)
    FROM belfry.devices WHERE user_id = $1 AND state = 'live'`);
  const lockUser = prepareLockUser(database);
  const ofSurplusServices = database.prepare(`
    SELECT id, binding, secret_hash FROM belfry.devices
    WHERE user_id = $1 AND state = 'live' AND ${PUSH_SERVICE_SQL} IN (
      SELECT ${PUSH_SERVICE_SQL} FROM belfry.devices WHERE user_id = $1 AND state = 'live'
      GROUP BY 1 HAVING NOT bool_or(id = $2)
      ORDER BY bool_or(accepted_at IS NOT NULL), max(updated_at) LIMIT $3)
    LIMIT ${MAX_REMOVED_AT_ONCE} FOR UPDATE SKIP LOCKED`);
  const surplusDevices = database.prepare(`
    SELECT id, binding, secret_hash FROM belfry.devices WHERE user_id = $1 AND state = 'live' AND id <> $2
    ORDER BY accepted_at IS NOT NULL, updated_at, id LIMIT $3 FOR UPDATE SKIP LOCKED`);
  // A secret that another device of the browser goes on with is not retired.
  const surplusGone = database.prepare(`
    SELECT id, binding, CASE WHEN NOT EXISTS (
      SELECT 1 FROM belfry.devices o WHERE o.secret_hash = d.secret_hash AND o.id <> d.id) THEN secret_hash END
    FROM belfry.devices d WHERE user_id = $1 AND state = 'gone'
    ORDER BY gone_at DESC, id DESC LIMIT ${MAX_REMOVED_AT_ONCE} OFFSET $2 FOR UPDATE OF d SKIP LOCKED`);
  const remove = database.prepare('DELETE FROM belfry.devices WHERE id = ANY ($1::BIGINT[])');

  async function removeAll(transaction: DeviceTransaction, rows: readonly Row[], saved: SavedRow): Promise<Binding[]> {
    if (rows.length === 0) return [];
    const removed = rows.map(toEndedDevice);
    await transaction.rows(
      remove,
      removed.map(({ id }) => id),
    );
    // The browser of the saved device may have another device, for another scope: it goes on with its secret.
    const isOwn = (hash: Uint8Array): boolean =>
      saved.secretHash !== null && Buffer.compare(hash, saved.secretHash) === 0;
    const retired = rows
      .flatMap(([, , hash]) => bytesOrNull(hash) ?? [])
      .filter((hash) => !isOwn(hash))
      .map((secretHash) => ({ secretHash, user: saved.user }));
    transaction.retire(retired);
    transaction.withdraw(removed);
    return removed.map(({ binding }) => binding);
  }

  return async (transaction, saved) => {
    const { user, deviceId, limits } = saved;
    const endedBindings: Binding[] = [];
    if (limits === undefined) return endedBindings;
    const { maxDevices, maxPushServices, maxGoneDevices } = limits;
    const before = await counted();
    if (before.hasSurplusGone) {
      endedBindings.push(
        ...(await removeAll(transaction, await transaction.rows(surplusGone, user, maxGoneDevices), saved)),
      );
    }
    if (before.devices <= maxDevices / 2 && before.services <= maxPushServices / 2) return endedBindings;
    await lockUser(transaction, user);
    const { devices, services } = await counted();
    const surplusServices = services - maxPushServices;
    const ofServices =
      surplusServices > 0 ? await transaction.rows(ofSurplusServices, user, deviceId, surplusServices) : [];
    const removed = await removeAll(transaction, ofServices, saved);
    const left = Math.min(devices - removed.length - maxDevices, MAX_REMOVED_AT_ONCE);
    const surplus = left > 0 ? await transaction.rows(surplusDevices, user, deviceId, left) : [];
    return [...endedBindings, ...removed, ...(await removeAll(transaction, surplus, saved))];

    async function counted(): Promise<{ devices: number; services: number; hasSurplusGone: boolean }> {
      const [found = []] = await transaction.rows(count, user, maxGoneDevices);
      return { devices: integer(found[0]), services: integer(found[1]), hasSurplusGone: found[2] === true };
    }
  };
}
