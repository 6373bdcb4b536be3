import type { PlanMessage } from '../../message.ts';
import { parseAudience } from '../../parse-audience.ts';
import type { Database } from '../database.ts';
import { integer, integerOrNull, text } from '../row.ts';
import { prepareFinishMessages } from './finish-messages.ts';
import type { Plan } from './plan.ts';
import { preparePlanChunks } from './plan-chunks.ts';
import { preparePlanDeliveries } from './plan-deliveries.ts';
import { prepareSmallAudience } from './small-audience.ts';

/** See `Store.planMessage`. The update locks the message, so a second process finds it planned. */
export function preparePlanMessage(database: Database): (plan: PlanMessage) => Promise<boolean> {
  const messages = prepareFinishMessages(database);
  const smallAudience = prepareSmallAudience(database);
  const planDeliveries = preparePlanDeliveries(database);
  const planChunks = preparePlanChunks(database);
  const begin = database.prepare(`
    UPDATE belfry.messages SET state = 'fanning-out' WHERE seq = $1 AND state IN ('scheduled', 'queued')
    RETURNING audience, last_device_id, run_at, ttl_ms, expires_at`);
  return ({ seq, now, zones }) =>
    database.transaction(async (transaction) => {
      const [message] = await transaction.rows(begin, seq);
      if (message === undefined) return false;
      const [audience, lastDeviceId, runAt, ttlMs, expiresAt] = message;
      const plan: Plan = {
        seq,
        now,
        runAt: integer(runAt),
        ttlMs: integer(ttlMs),
        expiresAt: integerOrNull(expiresAt),
        lastDeviceId: integer(lastDeviceId),
        zones: zones && {
          names: zones.map(({ timeZone }) => timeZone ?? ''),
          runAts: zones.map((zone) => zone.runAt),
        },
      };
      const audienceSql = await smallAudience(transaction, parseAudience(text(audience)), plan.lastDeviceId);
      if (audienceSql === null) await planChunks(transaction, plan);
      else await planDeliveries(transaction, plan, audienceSql);
      await messages.finish(transaction, [seq]);
      return true;
    });
}
