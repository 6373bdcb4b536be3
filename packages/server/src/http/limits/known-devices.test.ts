import { randomBytes } from 'node:crypto';
import { branded } from '@belfry/protocol';
import type { DeviceProof, UserId } from '@belfry/store';
import { expect, test } from 'vitest';
import { MAX_RECENT_KEYS } from '../../limits.ts';
import { createKnownDevices } from './known-devices.ts';

const ADA = branded<string, 'UserId'>('ada');
const MALLORY = branded<string, 'UserId'>('mallory');

const aProof = (publicId: string): DeviceProof => ({
  publicId: branded(publicId),
  secretHash: new Uint8Array(randomBytes(32)),
});

test.each([
  ['new devices', (n: number) => `device ${n}`],
  ['new secrets of one device', () => 'device'],
])('a user with ever %s does not make the server forget the devices of others', (_which, idOf) => {
  const devices = createKnownDevices({ maxPerUser: 100 });
  const adas = aProof('of ada');
  devices.add(adas, ADA);
  const mallorys = Array.from({ length: MAX_RECENT_KEYS }, (_, n) => aProof(idOf(n)));
  for (const proof of mallorys) devices.add(proof, MALLORY);
  expect(devices.userOf(adas)).toBe<UserId>(ADA);
  expect(mallorys.filter((proof) => devices.userOf(proof) === MALLORY)).toEqual(mallorys.slice(-100));
});
