import { branded } from '@belfry/protocol';
import type { DeviceProof } from '@belfry/store';
import * as v from 'valibot';
import { BelfryError } from '../errors.ts';
import { ID_TEXT } from './id-text.ts';
import { hashSecret } from './secret-hash.ts';

const schema = v.object({
  deviceId: v.pipe(v.string(), v.regex(ID_TEXT)),
  deviceSecret: v.pipe(v.string(), v.transform(hashSecret), v.instance(Uint8Array)),
});

/**
 * `deviceId` and `deviceSecret` of a body; whether they fit, the store knows.
 *
 * @throws {BelfryError} `unknown-device`
 */
export function parseDeviceProof(body: unknown): DeviceProof {
  const proof = v.safeParse(schema, body, { abortEarly: true });
  if (!proof.success) throw unknownDevice();
  const { deviceId, deviceSecret: secretHash } = proof.output;
  return { publicId: branded(deviceId), secretHash };
}

/** The same words whichever of the two is wrong, so that nobody learns which ids there are. */
export function unknownDevice(): BelfryError {
  return new BelfryError('unknown-device', 'There is no device with this id and this secret');
}
