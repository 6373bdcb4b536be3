import type { DatabaseSync } from 'node:sqlite';
import type { UserId } from '../../ids.ts';
import { integer } from '../row.ts';
import type { Plan } from './plan.ts';
import { preparePlanDeliveries } from './plan-deliveries.ts';
import { PLANNED_COLUMNS } from './small-audience.ts';

interface Request {
  readonly plan: Plan;
  readonly userIds: readonly UserId[];
  /** How many deliveries to make at most. */
  readonly limit: number;
}

/** Gives the next devices of users their deliveries, in the order of their ids, behind the last device that has one. */
export function preparePlanUsers(database: DatabaseSync): (request: Request) => 'deliveries' | 'more' {
  const planDeliveries = preparePlanDeliveries(database);
  const ofUsers = `
    FROM devices d
    WHERE d.user_id IN (SELECT id FROM users WHERE external_id IN (SELECT value FROM json_each(:userIds)))
      AND d.id > :after AND d.id <= :lastDeviceId AND d.state = 'live'
      AND (:zones IS NULL OR coalesce(d.time_zone, '') IN (SELECT value FROM json_each(:zones)))`;
  const last = database.prepare('SELECT coalesce(max(device_id), 0) AS last FROM deliveries WHERE seq = ?');
  const select = database.prepare(`SELECT ${PLANNED_COLUMNS} ${ofUsers} ORDER BY d.id LIMIT :limit`);
  const count = database.prepare(`UPDATE messages SET devices = (SELECT count(*) ${ofUsers}) WHERE seq = :seq`);
  return ({ plan, userIds, limit }) => {
    const { seq, lastDeviceId, zones } = plan;
    const after = integer(last.get(seq) ?? {}, 'last');
    const wanted = {
      userIds: JSON.stringify(userIds),
      after,
      lastDeviceId,
      zones: zones && JSON.stringify([...zones.keys()]),
    };
    const devices = select.all({ ...wanted, limit });
    planDeliveries(plan, devices);
    if (devices.length < limit) return 'deliveries';
    // For how long a device is silent is kept for counted messages alone, and some of these are accepted before the last part.
    if (after === 0) count.run({ ...wanted, seq });
    return 'more';
  };
}
