import type { DeviceProof, UserId } from '@belfry/store';
import { MAX_RECENT_KEYS } from '../../limits.ts';
import { createRecentKeys } from './recent-keys.ts';

/** Devices that subscribed or proved themselves lately, by their id and the hash of their secret: strangers know neither. */
export interface KnownDevices {
  /** Undefined where the device is not known. */
  userOf(proof: DeviceProof): UserId | undefined;
  add(proof: DeviceProof, userId: UserId): void;
  delete(proof: DeviceProof): void;
}

/** @param options.maxPerUser so many are known of one user, the newest: a user who makes new devices makes nobody else's be forgotten */
export function createKnownDevices({ maxPerUser }: { readonly maxPerUser: number }): KnownDevices {
  const keys = createRecentKeys<UserId>({ maxKeys: MAX_RECENT_KEYS, maxPerOwner: maxPerUser });
  return {
    userOf: (proof) => keys.ownerOf(deviceKey(proof)),
    add: (proof, userId) => keys.add(deviceKey(proof), userId),
    delete: (proof) => keys.delete(deviceKey(proof)),
  };
}

/** What limits count a device by: nobody without its secret can use up its limit. */
export function deviceKey({ publicId, secretHash }: DeviceProof): string {
  return `${publicId} ${Buffer.from(secretHash).toString('base64')}`;
}
