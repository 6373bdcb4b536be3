import type { Database } from '../database.ts';
import { TOLERANCE_MS } from './restart-delays.ts';

/** Rows of one call, since each is locked until its end. */
const LIMIT = 1_000;

/**
 * Leases end by PostgreSQL's clock. Where that was set back by an hour, those of a process that died lasted for an hour more. A lease
 * that ends further ahead than leases last begins anew.
 */
export interface CutLeases {
  deliveries(leaseMs: number): Promise<void>;
  chunks(leaseMs: number): Promise<void>;
}

/** SQL: a time lies further ahead than a lease lasts. `leaseMs` is a parameter, such as '$2'. */
function isTooFar(time: string, leaseMs: string): string {
  return `${time} > (SELECT belfry.clock_ms()) + ${leaseMs}::BIGINT + ${TOLERANCE_MS}`;
}

/** SQL that says whether there are such deliveries: one look into an index. */
export function hasTooFarLease(leaseMs: string): string {
  return isTooFar("(SELECT max(run_at) FROM belfry.deliveries WHERE state = 'sending')", leaseMs);
}

export function prepareCutLeases(database: Database): CutLeases {
  const deliveries = database.prepareWrite(`
    UPDATE belfry.deliveries SET run_at = belfry.clock_ms() + $1::BIGINT
    WHERE ${database.durably} AND state = 'sending' AND (seq, device_id) IN (
      SELECT seq, device_id FROM belfry.deliveries WHERE state = 'sending' AND ${isTooFar('run_at', '$1')}
      LIMIT ${LIMIT} FOR UPDATE SKIP LOCKED)`);
  const chunks = database.prepareWrite(`
    UPDATE belfry.chunks SET leased_until = belfry.clock_ms() + $1::BIGINT
    WHERE ${database.durably} AND state = 'leased' AND id IN (
      SELECT id FROM belfry.chunks WHERE state = 'leased' AND ${isTooFar('leased_until', '$1')}
      LIMIT ${LIMIT} FOR UPDATE SKIP LOCKED)`);
  return {
    async deliveries(leaseMs) {
      await database.write(deliveries, leaseMs);
    },
    async chunks(leaseMs) {
      await database.write(chunks, leaseMs);
    },
  };
}
