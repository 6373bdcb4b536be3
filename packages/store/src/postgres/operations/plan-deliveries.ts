import type { Database, Transaction } from '../database.ts';
import type { Plan } from './plan.ts';
import type { AudienceSql } from './small-audience.ts';

/**
 * Gives each device of a small audience a delivery that is due, or will be when its time zone is. Some may have one: `belfry migrate`
 * copies a SQLite store, which plans a message in parts, also between two of them.
 */
export function preparePlanDeliveries(
  database: Database,
): (transaction: Transaction, plan: Plan, audience: AudienceSql) => Promise<void> {
  const count = database.prepare(`
    UPDATE belfry.messages SET devices = (SELECT count(*) FROM belfry.deliveries WHERE seq = $1) WHERE seq = $1`);
  // A zone that is not listed has no row to join, so its devices are left out.
  const insertSql = (audience: string, hasZones: boolean) => `
    INSERT INTO belfry.deliveries (seq, device_id, binding, state, run_at, expires_at, updated_at, held_at)
    SELECT $3::BIGINT, d.id, d.binding, 'retrying', ${hasZones ? 'z.run_at' : 'belfry.clock_ms()'},
      least(z.run_at + $7::BIGINT, $8::BIGINT), $5::BIGINT, ${hasZones ? 'NULL' : 'belfry.clock_ms()'}
    FROM belfry.devices d
      JOIN unnest($6::TEXT[], $9::BIGINT[]) AS z (name, run_at)
        ON ${hasZones ? "z.name = coalesce(d.time_zone, '')" : 'true'}
    WHERE d.id <= $4 AND d.state = 'live' AND ${audience}
    ON CONFLICT (seq, device_id) DO NOTHING`;
  return async ({ rows }, { seq, now, runAt, ttlMs, expiresAt, lastDeviceId, zones }, audience) => {
    const { names, runAts } = zones ?? { names: [''], runAts: [runAt] };
    const insert = database.once(insertSql(audience.sql, zones !== null));
    const values = [...audience.values, seq, lastDeviceId, now, names, ttlMs, expiresAt, runAts];
    await rows(insert, ...values);
    await rows(count, seq);
  };
}
