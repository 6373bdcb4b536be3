import type { DatabaseSync } from 'node:sqlite';
import { integer, type Row, text, textOrNull } from '../row.ts';
import type { Plan } from './plan.ts';

/** Gives each of the devices a delivery that is due, or will be when its time zone is. */
export function preparePlanDeliveries(database: DatabaseSync): (plan: Plan, devices: readonly Row[]) => void {
  const insert = database.prepare(`
    INSERT INTO deliveries (seq, device_id, binding, state, run_at, expires_at, updated_at, held_at)
    VALUES (?, ?, ?, 'retrying', ?, ?, ?, ?)`);
  return ({ seq, now, runAt, zones, expiresAt }, devices) => {
    for (const device of devices) {
      const zoneRunAt = zones === null ? runAt : zones.get(textOrNull(device, 'time_zone') ?? '');
      if (zoneRunAt === undefined) continue;
      const dueAt = zones === null ? now : zoneRunAt;
      const heldAt = zones === null ? now : null;
      const deviceId = integer(device, 'device_id');
      insert.run(seq, deviceId, text(device, 'binding'), dueAt, expiresAt(zoneRunAt), now, heldAt);
    }
  };
}
