import { outdatedSql } from '../../outdated-sql.ts';
import type { Database } from '../database.ts';
import { type ListedDelivery, prepareDropListed } from './drop-listed.ts';

const IS_OUTDATED = outdatedSql({ schema: 'belfry.', deviceId: 'd.id', pushOrigin: 'd.push_origin' });

/** SQL: the device of a delivery `l` changed hands or went since it was made, or had a newer message with its collapse key. */
export const IS_NOT_TO_BE_SENT: string = `NOT EXISTS (
    SELECT 1 FROM belfry.devices d
    WHERE d.id = l.device_id AND d.binding = l.binding AND d.state = 'live' AND NOT EXISTS (
      SELECT 1 FROM belfry.messages m WHERE m.seq = l.seq AND m.collapse_key IS NOT NULL AND ${IS_OUTDATED}) OFFSET 0)`;

/** Whoever cancels a very large message has it locked for seconds. `TakeDue` finds the deliveries again after that. */
const LOCK_MS = 1_000;

/** Ends deliveries that are not to be sent any more, where that is still so. A caller that has committed already must not fail because this fails. */
export function prepareDropForeign(
  database: Database,
): (deliveries: readonly ListedDelivery[], now: number) => Promise<void> {
  const dropListed = prepareDropListed(database, IS_NOT_TO_BE_SENT);
  return (deliveries, now) => dropListed(deliveries, { now, states: ['sending', 'retrying'], lockMs: LOCK_MS });
}
