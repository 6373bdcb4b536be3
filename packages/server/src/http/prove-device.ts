import { type DeviceProof, type Store, StoreError } from '@belfry/store';
import type { Clock } from '../effects.ts';
import { BelfryError } from '../errors.ts';
import { MAX_UNPROVEN_PROOFS, STORE_RETRY_MS, UNPROVEN_LOOKUPS_PER_SECOND } from '../limits.ts';
import type { Admission } from './address-limit.ts';
import { parseDeviceProof } from './device-proof.ts';
import type { KnownDevices } from './known-devices.ts';
import { TooManyStrangersError } from './rate-limit.ts';
import { createTurns } from './turns.ts';

/**
 * Looks up the proof in a body: one read, before any transaction. Undefined where it fits no device.
 *
 * A device that subscribed or proved itself lately never waits for strangers. All
 * others share a number of look-ups a second. The store is asked in any case, since a secret may have been retired.
 *
 * @throws {BelfryError} `unknown-device` where the body has none; `too-many-requests` where strangers ask too often, or too many
 *   look-ups are under way; `store-unavailable` where the store failed
 */
export type ProveDevice = (body: unknown, admission: Admission) => Promise<DeviceProof | undefined>;

export function createProveDevice(effects: {
  readonly store: Pick<Store, 'proveDevice'>;
  readonly knownDevices: KnownDevices;
  readonly clock: Clock;
}): ProveDevice {
  const { store, knownDevices, clock } = effects;
  const turns = createTurns({ perSecond: UNPROVEN_LOOKUPS_PER_SECOND, clock });
  let unproven = 0;
  return async (body, admission) => {
    const proof = parseDeviceProof(body);
    const isProven = await (knownDevices.has(proof) ? lookUp(proof) : lookUpStranger(proof));
    if (!isProven) {
      knownDevices.delete(proof);
      return undefined;
    }
    knownDevices.add(proof);
    admission.proven();
    return proof;
  };

  async function lookUpStranger(proof: DeviceProof): Promise<boolean> {
    if (unproven >= MAX_UNPROVEN_PROOFS || !turns.take()) throw tooMany();
    unproven++;
    try {
      const isProven = await lookUp(proof);
      if (isProven) turns.giveBack();
      return isProven;
    } finally {
      unproven--;
    }
  }

  async function lookUp(proof: DeviceProof): Promise<boolean> {
    try {
      return await store.proveDevice(proof);
    } catch (cause) {
      if (cause instanceof StoreError && cause.code === 'store-busy') throw tooMany();
      throw new BelfryError('store-unavailable', 'The device could not be looked up; try again later', {
        cause,
        retryAfterS: STORE_RETRY_MS / 1000,
      });
    }
  }
}

function tooMany(): TooManyStrangersError {
  return new TooManyStrangersError({ limit: UNPROVEN_LOOKUPS_PER_SECOND, windowMs: 1000, retryAfterMs: 1000 });
}
