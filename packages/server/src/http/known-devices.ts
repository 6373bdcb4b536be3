import type { DeviceProof } from '@belfry/store';
import { MAX_RECENT_KEYS } from '../limits.ts';
import { createRecentKeys } from './recent-keys.ts';

/** Devices that subscribed or proved themselves lately, each with one secret, by their id and the hash of their secret: strangers know neither. */
export interface KnownDevices {
  has(proof: DeviceProof): boolean;
  add(proof: DeviceProof): void;
  delete(proof: DeviceProof): void;
}

export function createKnownDevices(): KnownDevices {
  const keys = createRecentKeys({ maxKeys: MAX_RECENT_KEYS, maxPerOwner: 1 });
  return {
    has: (proof) => keys.ownerOf(deviceKey(proof)) !== undefined,
    add: (proof) => keys.add(deviceKey(proof), proof.publicId),
    delete: (proof) => keys.delete(deviceKey(proof)),
  };
}

/** What limits count a device by: nobody without its secret can use up its limit. */
export function deviceKey({ publicId, secretHash }: DeviceProof): string {
  return `${publicId} ${Buffer.from(secretHash).toString('base64')}`;
}
