import { expect, test } from 'vitest';
import { parseDeviceProof } from './device-proof.ts';
import { hashSecret } from './secret-hash.ts';

const deviceSecret = 'A'.repeat(43);

test('a proof has the id and the hash of the secret', () => {
  const proof = parseDeviceProof({ deviceId: 'device-1', deviceSecret, receipts: [] });
  expect(proof).toEqual({ publicId: 'device-1', secretHash: hashSecret(deviceSecret) });
});

test.each([
  null,
  'device-1',
  {},
  { deviceId: 'device-1' },
  { deviceSecret },
  { deviceId: '', deviceSecret },
  { deviceId: 'device\u0000', deviceSecret },
  { deviceId: 'x'.repeat(65), deviceSecret },
  { deviceId: 'device-1', deviceSecret: '' },
  { deviceId: 'device-1', deviceSecret: `${deviceSecret}=` },
  { deviceId: 'device-1', deviceSecret: [deviceSecret] },
])('%j proves nothing, and the store is not asked', (body) => {
  expect(() => parseDeviceProof(body)).toThrow(expect.objectContaining({ id: 'unknown-device', status: 404 }));
});
