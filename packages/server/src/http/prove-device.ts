import { type DeviceProof, type Store, StoreError } from '@belfry/store';
import type { Clock } from '../effects.ts';
import { BelfryError } from '../errors.ts';
import { MAX_PROOFS_PER_DEVICE, MAX_UNPROVEN_PROOFS, STORE_RETRY_MS, UNPROVEN_LOOKUPS_PER_SECOND } from '../limits.ts';
import type { Admission } from './address-limit.ts';
import { parseDeviceProof } from './device-proof.ts';
import { deviceKey, type KnownDevices } from './known-devices.ts';
import { PacedRefusalError, type RateLimit } from './rate-limit.ts';
import { createTurns } from './turns.ts';

/**
 * Looks up the proof in a body: one read, before any transaction. Undefined where it fits no device.
 *
 * A device that subscribed or proved itself lately never waits for strangers, and has its own limit counted before it is looked
 * up. All others share a number of look-ups a second. The store is asked in any case, since a secret may have been retired.
 *
 * @throws {BelfryError} `unknown-device` where the body has none; `too-many-requests` where the device or strangers ask too often, or
 *   too many look-ups are under way; `store-unavailable` where the store failed
 */
export type ProveDevice = (body: unknown, claim: DeviceClaim) => Promise<DeviceProof | undefined>;

export interface DeviceClaim {
  readonly admission: Admission;
  /** Of proven devices. What it refuses counts for the client's address. */
  readonly limit: RateLimit;
}

export function createProveDevice(effects: {
  readonly store: Pick<Store, 'proveDevice'>;
  readonly knownDevices: KnownDevices;
  readonly clock: Clock;
}): ProveDevice {
  const { store, knownDevices, clock } = effects;
  const turns = createTurns({ perSecond: UNPROVEN_LOOKUPS_PER_SECOND, clock });
  const known = new Map<string, number>();
  let unproven = 0;
  return async (body, { admission, limit }) => {
    const proof = parseDeviceProof(body);
    const isKnown = knownDevices.has(proof);
    if (isKnown) limit(deviceKey(proof));
    const isProven = await (isKnown ? lookUpKnown(proof) : lookUpStranger(proof));
    if (!isProven) {
      knownDevices.delete(proof);
      return undefined;
    }
    knownDevices.add(proof);
    if (!isKnown) limit(deviceKey(proof));
    admission.proven();
    return proof;
  };

  async function lookUpKnown(proof: DeviceProof): Promise<boolean> {
    const key = deviceKey(proof);
    const underWay = known.get(key) ?? 0;
    if (underWay >= MAX_PROOFS_PER_DEVICE) throw tooMany();
    known.set(key, underWay + 1);
    try {
      return await lookUp(proof);
    } finally {
      const left = (known.get(key) ?? 1) - 1;
      if (left > 0) known.set(key, left);
      else known.delete(key);
    }
  }

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

function tooMany(): PacedRefusalError {
  return new PacedRefusalError({ limit: UNPROVEN_LOOKUPS_PER_SECOND, windowMs: 1000, retryAfterMs: 1000 });
}
