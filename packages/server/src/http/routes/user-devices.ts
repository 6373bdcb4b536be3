import type { Devices } from '../../devices/devices.ts';
import { jsonAnswer } from '../answers.ts';
import type { CheckApiKey } from '../api-keys.ts';
import type { Route } from '../create-handler.ts';
import type { RateLimit } from '../rate-limit.ts';

export interface UserDevicesRoute {
  readonly checkApiKey: CheckApiKey;
  readonly limit: RateLimit;
  readonly devices: Devices;
}

/** `GET /users/:id/devices`: the devices of a user, for holders of an API key. */
export function userDevicesRoute({ checkApiKey, limit, devices }: UserDevicesRoute): Route {
  return async (request, visit, userId) => {
    limit(checkApiKey(request, visit));
    return jsonAnswer(200, { data: { devices: await devices.devicesOf(userId) } });
  };
}
