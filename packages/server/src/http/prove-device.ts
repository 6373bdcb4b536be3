import { type DeviceProof, type Store, StoreError, type UserId } from '@belfry/store';
import type { Clock } from '../effects.ts';
import { BelfryError } from '../errors.ts';
import {
  MAX_LOOKUP_WAIT_MS,
  MAX_LOOKUPS_PER_USER,
  MAX_UNPROVEN_PROOFS,
  MAX_WAITING_LOOKUPS_PER_USER,
  STORE_RETRY_MS,
  UNPROVEN_LOOKUPS_PER_SECOND,
} from '../limits.ts';
import type { Admission } from './limits/address-limit.ts';
import { parseDeviceProof } from './device-proof.ts';
import { deviceKey, type KnownDevices } from './limits/known-devices.ts';
import { PacedRefusalError, type RateLimit } from './limits/rate-limit.ts';
import { createTurns } from './limits/turns.ts';
import { createUserLanes, UserLanesBusyError } from './limits/user-lanes.ts';

/**
 * Looks up the proof in a body: one read, before any transaction. Undefined where it fits no device.
 *
 * A device that subscribed or proved itself lately never waits for strangers, nor for devices of other users. Its limit and its
 * user's are counted before it is looked up. All others share a number of look-ups a second. The store is asked in any case,
 * since a secret may have been retired.
 *
 * @throws {BelfryError} `unknown-device` where the body has none; `too-many-requests` where the device, its user or strangers ask
 *   too often, or too many look-ups are under way; `store-unavailable` where the store failed
 */
export type ProveDevice = (body: unknown, claim: DeviceClaim) => Promise<DeviceProof | undefined>;

export interface DeviceClaim {
  readonly admission: Admission;
  readonly limits: DeviceRateLimits;
}

/** Limits of proven devices. What they refuse counts for the client's address. */
export interface DeviceRateLimits {
  /** Of one device. */
  readonly device: RateLimit;
  /** Of all devices of one user together: a user may have many, and make new ones. */
  readonly user: RateLimit;
}

export function createProveDevice(effects: {
  readonly store: Pick<Store, 'proveDevice'>;
  readonly knownDevices: KnownDevices;
  readonly clock: Clock;
}): ProveDevice {
  const { store, knownDevices, clock } = effects;
  const turns = createTurns({ perSecond: UNPROVEN_LOOKUPS_PER_SECOND, clock });
  const inUserLane = createUserLanes({
    lanes: MAX_LOOKUPS_PER_USER,
    maxWaiting: MAX_WAITING_LOOKUPS_PER_USER,
    maxWaitMs: MAX_LOOKUP_WAIT_MS,
    clock,
  });
  let unproven = 0;
  return async (body, { admission, limits }) => {
    const proof = parseDeviceProof(body);
    const count = (userId: UserId): void => {
      limits.device(deviceKey(proof));
      limits.user(userId);
    };
    const knownUser = knownDevices.userOf(proof);
    if (knownUser !== undefined) count(knownUser);
    const userId = await (knownUser === undefined ? lookUpStranger(proof) : lookUpKnown(proof, knownUser));
    if (userId === undefined) {
      knownDevices.delete(proof);
      return undefined;
    }
    knownDevices.add(proof, userId);
    if (knownUser === undefined) count(userId);
    admission.proven();
    return proof;
  };

  async function lookUpKnown(proof: DeviceProof, userId: UserId): Promise<UserId | undefined> {
    try {
      return await inUserLane(userId, () => lookUp(proof));
    } catch (error) {
      throw error instanceof UserLanesBusyError ? tooMany() : error;
    }
  }

  async function lookUpStranger(proof: DeviceProof): Promise<UserId | undefined> {
    if (unproven >= MAX_UNPROVEN_PROOFS || !turns.take()) throw tooMany();
    unproven++;
    try {
      const userId = await lookUp(proof);
      if (userId !== undefined) turns.giveBack();
      return userId;
    } finally {
      unproven--;
    }
  }

  async function lookUp(proof: DeviceProof): Promise<UserId | undefined> {
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
