import { MAX_BROWSER_BODY_BYTES } from '../../limits.ts';
import { jsonAnswer } from '../answers.ts';
import type { Visit } from '../create-handler.ts';
import { unknownDevice } from '../device-proof.ts';
import { keepSubscription } from '../keep-subscription.ts';
import { parseSubscription } from '../parse-subscription.ts';
import type { DeviceRateLimits, ProveDevice } from '../prove-device.ts';
import { readJsonBody } from '../read-json-body.ts';
import type { SubscribeRoute } from './subscribe.ts';

export interface ResubscribeRoute
  extends Pick<SubscribeRoute, 'store' | 'endpoints' | 'keyRing' | 'clock' | 'deviceLimits'> {
  readonly proveDevice: ProveDevice;
  readonly limits: DeviceRateLimits;
}

/**
 * `POST /resubscribe`: gives a device a new subscription, for whoever has its `deviceSecret`: the worker, when the browser has
 * changed it. Cookies, and so the page that sent them, do not matter.
 */
export function resubscribeRoute({
  store,
  endpoints,
  keyRing,
  clock,
  limits,
  deviceLimits,
  proveDevice,
}: ResubscribeRoute): (request: Request, visit: Visit) => Promise<Response> {
  return async (request, visit) => {
    const body = await readJsonBody(request, { maxBytes: MAX_BROWSER_BODY_BYTES, clock });
    const proof = await proveDevice(body, { admission: visit, limits });
    if (proof === undefined) throw unknownDevice();
    const subscription = parseSubscription(body, endpoints);
    const data = await keepSubscription({
      keyRing,
      vapidPublicKey: subscription.vapidPublicKey,
      save: (newestVapidKey) =>
        store.resubscribeDevice({ ...subscription, ...proof, newestVapidKey, limits: deviceLimits, now: clock.now() }),
    });
    return jsonAnswer(200, { data });
  };
}
