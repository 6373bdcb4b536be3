import type { DeviceProof } from '@belfry/store';
import { MAX_RECENT_KEYS } from '../limits.ts';
import { createRecentKeys } from './recent-keys.ts';

/** Devices that subscribed or proved themselves lately, by their id and the hash of their secret: strangers know neither. */
export interface KnownDevices {
  has(proof: DeviceProof): boolean;
  add(proof: DeviceProof): void;
  delete(proof: DeviceProof): void;
}

export function createKnownDevices(): KnownDevices {
  const keys = createRecentKeys({ maxKeys: MAX_RECENT_KEYS });
  return {
    has: (proof) => keys.has(keyOf(proof)),
    add: (proof) => keys.add(keyOf(proof)),
    delete: (proof) => keys.delete(keyOf(proof)),
  };
}

function keyOf({ publicId, secretHash }: DeviceProof): string {
  return `${publicId} ${Buffer.from(secretHash).toString('base64')}`;
}
