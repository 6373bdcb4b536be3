import { type DeviceProof, type Store, StoreError } from '@belfry/store';
import type { Clock } from '../effects.ts';
import { BelfryError } from '../errors.ts';
import { UNPROVEN_LOOKUPS_PER_SECOND } from '../limits.ts';
import type { Admission } from './address-limit.ts';
import { parseDeviceProof } from './device-proof.ts';
import { TooManyStrangersError } from './rate-limit.ts';

/**
 * The proof in a body, looked up: one read, before any transaction. Undefined where it fits no device.
 *
 * @throws {BelfryError} `unknown-device` where the body has none; `too-many-requests` where all strangers together ask too
 *   often, or look-ups queue
 */
export type ProveDevice = (body: unknown, admission: Admission) => Promise<DeviceProof | undefined>;

const WINDOW_MS = 1000;

export function createProveDevice(effects: {
  readonly store: Pick<Store, 'proveDevice'>;
  readonly clock: Clock;
}): ProveDevice {
  const { store, clock } = effects;
  /** Look-ups in this second that are under way or have proven nothing. */
  let second = { startedAt: clock.elapsed(), unproven: 0 };
  return async (body, admission) => {
    const proof = parseDeviceProof(body);
    const now = clock.elapsed();
    if (now - second.startedAt >= WINDOW_MS) second = { startedAt: now, unproven: 0 };
    const counted = second;
    if (counted.unproven >= UNPROVEN_LOOKUPS_PER_SECOND) {
      throw new TooManyStrangersError({
        limit: UNPROVEN_LOOKUPS_PER_SECOND,
        windowMs: WINDOW_MS,
        retryAfterMs: WINDOW_MS,
      });
    }
    counted.unproven++;
    if (!(await lookUp(proof))) return undefined;
    counted.unproven--;
    admission.proven();
    return proof;
  };

  async function lookUp(proof: DeviceProof): Promise<boolean> {
    try {
      return await store.proveDevice(proof);
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'store-busy') {
        throw new BelfryError('internal-error', 'The device could not be looked up; try again', { cause: error });
      }
      throw new TooManyStrangersError({
        limit: UNPROVEN_LOOKUPS_PER_SECOND,
        windowMs: WINDOW_MS,
        retryAfterMs: WINDOW_MS,
      });
    }
  }
}
