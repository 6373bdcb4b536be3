import type { DatabaseSync } from 'node:sqlite';
import { branded } from '@belfry/protocol';
import { type DeviceLimits, MAX_REMOVED_AT_ONCE, PUSH_SERVICE_SQL } from '../../device-limits.ts';
import type { Binding } from '../../ids.ts';
import { blobOrNull, integer, type Row, text } from '../row.ts';
import { prepareDropDeliveries } from './drop-deliveries.ts';
import { prepareRetiredSecrets } from './retired-secrets.ts';

interface SavedRow {
  readonly user: number;
  readonly deviceId: number;
  readonly secretHash: Uint8Array | null;
  readonly limits: DeviceLimits | undefined;
  readonly now: number;
}

/**
 * Removes what the user of a device that was saved has beyond the limits, as `Store.removeDevice` does: devices that were
 * never accepted first, and of those the ones without a sign of life for longest. Never the device itself. Devices that are gone
 * have a limit of their own, or a user could fill the disk with them. Returns the bindings of what it has removed.
 */
export function prepareLimitDevices(database: DatabaseSync): (saved: SavedRow) => Binding[] {
  const dropDeliveries = prepareDropDeliveries(database);
  const secrets = prepareRetiredSecrets(database);
  const count = database.prepare(`
    SELECT count(*) AS devices, count(DISTINCT ${PUSH_SERVICE_SQL}) AS services FROM devices
    WHERE user_id = ? AND state = 'live'`);
  const ofSurplusServices = database.prepare(`
    SELECT id, binding, secret_hash FROM devices
    WHERE user_id = :user AND state = 'live' AND ${PUSH_SERVICE_SQL} IN (
      SELECT ${PUSH_SERVICE_SQL} AS service FROM devices WHERE user_id = :user AND state = 'live'
      GROUP BY service HAVING max(id = :deviceId) = 0
      ORDER BY max(accepted_at IS NOT NULL), max(updated_at) LIMIT :surplus)
    LIMIT ${MAX_REMOVED_AT_ONCE}`);
  const surplusDevices = database.prepare(`
    SELECT id, binding, secret_hash FROM devices WHERE user_id = :user AND state = 'live' AND id <> :deviceId
    ORDER BY accepted_at IS NOT NULL, updated_at, id LIMIT :surplus`);
  // A secret that another device of the browser goes on with is not retired.
  const surplusGone = database.prepare(`
    SELECT id, binding, CASE WHEN NOT EXISTS (SELECT 1 FROM devices o WHERE o.secret_hash = d.secret_hash AND o.id <> d.id)
      THEN secret_hash END AS secret_hash
    FROM devices d WHERE user_id = :user AND state = 'gone'
    ORDER BY gone_at DESC, id DESC LIMIT ${MAX_REMOVED_AT_ONCE} OFFSET :kept`);
  const remove = database.prepare('DELETE FROM devices WHERE id = ?');

  return ({ user, deviceId, secretHash, limits, now }) => {
    const endedBindings: Binding[] = [];
    if (limits === undefined) return endedBindings;
    const { maxDevices, maxPushServices, maxGoneDevices } = limits;
    const before = count.get(user) ?? {};
    const services = integer(before, 'services') - maxPushServices;
    const removed = services > 0 ? removeAll(ofSurplusServices.all({ user, deviceId, surplus: services })) : 0;
    const devices = Math.min(integer(before, 'devices') - removed - maxDevices, MAX_REMOVED_AT_ONCE);
    if (devices > 0) removeAll(surplusDevices.all({ user, deviceId, surplus: devices }));
    removeAll(surplusGone.all({ user, kept: maxGoneDevices }));
    return endedBindings;

    function removeAll(rows: readonly Row[]): number {
      for (const row of rows) {
        const id = integer(row, 'id');
        remove.run(id);
        endedBindings.push(branded(text(row, 'binding')));
        const hash = blobOrNull(row, 'secret_hash');
        // The browser of the saved device may have another device, for another scope: it goes on with its secret.
        const isOwn = hash !== null && secretHash !== null && Buffer.compare(hash, secretHash) === 0;
        if (hash !== null && !isOwn) secrets.retire({ secretHash: hash, user, now });
      }
      if (rows.length > 0)
        dropDeliveries(
          rows.map((row) => integer(row, 'id')),
          now,
        );
      return rows.length;
    }
  };
}
