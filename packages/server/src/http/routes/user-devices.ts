import type { Devices } from '../../devices/devices.ts';
import { jsonAnswer } from '../answers.ts';
import type { Route } from '../create-handler.ts';
import type { RateLimit } from '../limits/rate-limit.ts';

export interface UserDevicesRoute {
  readonly limit: RateLimit;
  readonly devices: Devices;
}

/** `GET /users/:id/devices`: the devices of a user, for holders of an API key. */
export function userDevicesRoute({ limit, devices }: UserDevicesRoute): Route {
  return async (_request, visit, userId) => {
    limit(visit.apiKey());
    return jsonAnswer(200, { data: { devices: await devices.devicesOf(userId) } });
  };
}
