import type { DatabaseSync } from 'node:sqlite';
import type { PlanMessage } from '../../message.ts';
import { integer, integerOrNull, text } from '../row.ts';
import { prepareFinishMessage } from './finish-message.ts';
import { parseAudience } from '../../parse-audience.ts';
import type { Plan } from './plan.ts';
import { preparePlanChunks } from './plan-chunks.ts';
import { preparePlanDeliveries } from './plan-deliveries.ts';
import { prepareSmallAudience } from './small-audience.ts';

/** See `Store.planMessage`. */
export function preparePlanMessage(database: DatabaseSync): (plan: PlanMessage) => boolean {
  const finishMessage = prepareFinishMessage(database);
  const smallAudience = prepareSmallAudience(database);
  const planDeliveries = preparePlanDeliveries(database);
  const planChunks = preparePlanChunks(database);
  const begin = database.prepare(`
    UPDATE messages SET state = 'fanning-out' WHERE seq = ? AND state IN ('scheduled', 'queued')
    RETURNING audience, last_device_id, run_at, ttl_ms, expires_at`);
  return ({ seq, now, zones }) => {
    const message = begin.get(seq);
    if (message === undefined) return false;
    const ttlMs = integer(message, 'ttl_ms');
    const noLaterThan = integerOrNull(message, 'expires_at') ?? Number.POSITIVE_INFINITY;
    const plan: Plan = {
      seq,
      now,
      runAt: integer(message, 'run_at'),
      lastDeviceId: integer(message, 'last_device_id'),
      zones: zones && new Map(zones.map(({ timeZone, runAt }) => [timeZone ?? '', runAt])),
      expiresAt: (runAt) => Math.min(runAt + ttlMs, noLaterThan),
    };
    const devices = smallAudience(parseAudience(text(message, 'audience')), plan.lastDeviceId);
    if (devices === null) planChunks(plan);
    else planDeliveries(plan, devices);
    finishMessage(seq, now);
    return true;
  };
}
