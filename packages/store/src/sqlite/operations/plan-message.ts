import type { DatabaseSync } from 'node:sqlite';
import type { Audience } from '../../audience.ts';
import type { PlanMessage } from '../../message.ts';
import { parseAudience } from '../../parse-audience.ts';
import { integer, integerOrNull, text } from '../row.ts';
import { prepareFinishMessage } from './finish-message.ts';
import type { Plan } from './plan.ts';
import { preparePlanChunks } from './plan-chunks.ts';
import { preparePlanDeliveries } from './plan-deliveries.ts';
import { preparePlanUsers } from './plan-users.ts';
import { prepareSmallAudience } from './small-audience.ts';

export interface PlanPart extends PlanMessage {
  /** How many deliveries one call makes for users. Other audiences have no more than `SMALL_AUDIENCE_DEVICES`. */
  readonly limit: number;
}

/**
 * - `planned`: the message is being sent
 * - `more`: the message stays `queued`, and the same call again goes on. Its deliveries so far are taken when they are due
 * - `not-to-plan`: it was planned before, or is paused or over
 */
export type PlanProgress = 'planned' | 'more' | 'not-to-plan';

/**
 * See `Store.planMessage`. A message to users is planned in parts: one to 1,000 users with 50 devices each, in one transaction, held
 * all other writes for 1.1 s. No part is made twice, also where the process died between two: the deliveries say how far it came.
 */
export function preparePlanMessage(database: DatabaseSync): (part: PlanPart) => PlanProgress {
  const finishMessage = prepareFinishMessage(database);
  const planUsers = preparePlanUsers(database);
  const smallAudience = prepareSmallAudience(database);
  const planDeliveries = preparePlanDeliveries(database);
  const planChunks = preparePlanChunks(database);
  const find = database.prepare(`
    SELECT audience, last_device_id, run_at, ttl_ms, expires_at FROM messages
    WHERE seq = ? AND state IN ('scheduled', 'queued')`);
  const setState = database.prepare('UPDATE messages SET state = ? WHERE seq = ?');
  const count = database.prepare(`
    UPDATE messages SET devices = (SELECT count(*) FROM deliveries WHERE seq = messages.seq) WHERE seq = ?`);

  /** What the message has now: a delivery for each device of the audience, chunks, or deliveries for some of its devices. */
  function planAudience(
    plan: Plan,
    { audience, limit }: { audience: Audience; limit: number },
  ): 'deliveries' | 'chunks' | 'more' {
    if (audience.kind === 'users') return planUsers({ plan, userIds: audience.userIds, limit });
    const devices = smallAudience(audience, plan.lastDeviceId);
    if (devices === null) {
      planChunks(plan);
      return 'chunks';
    }
    planDeliveries(plan, devices);
    return 'deliveries';
  }

  return ({ seq, now, zones, limit }) => {
    const message = find.get(seq);
    if (message === undefined) return 'not-to-plan';
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
    const made = planAudience(plan, { audience: parseAudience(text(message, 'audience')), limit });
    setState.run(made === 'more' ? 'queued' : 'fanning-out', seq);
    if (made === 'more') return 'more';
    if (made === 'deliveries') count.run(seq);
    finishMessage(seq, now);
    return 'planned';
  };
}
