import type { DeviceLimits, Store } from '@belfry/store';
import type { Clock, RandomBytes } from '../../effects.ts';
import { MAX_BROWSER_BODY_BYTES } from '../../limits.ts';
import { randomId } from '../../random-ids.ts';
import type { EndpointPolicy } from '../../transport/endpoint-policy.ts';
import type { VapidKeyRing } from '../../vapid/vapid-key-ring.ts';
import { jsonAnswer } from '../answers.ts';
import type { Visit } from '../create-handler.ts';
import { keepSubscription } from '../keep-subscription.ts';
import type { KnownDevices } from '../limits/known-devices.ts';
import type { RateLimit } from '../limits/rate-limit.ts';
import { readJsonBody } from '../read-json-body.ts';
import { parseSubscribeBody } from '../subscribe-body.ts';

export interface SubscribeRoute {
  readonly store: Store;
  readonly endpoints: EndpointPolicy;
  readonly origins: readonly string[];
  readonly keyRing: VapidKeyRing;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly limit: RateLimit;
  readonly deviceLimits: DeviceLimits;
  readonly knownDevices: KnownDevices;
}

/** `POST /subscribe`: keeps a subscription under the signed-in user. Repeating it is harmless. */
export function subscribeRoute(route: SubscribeRoute): (request: Request, visit: Visit) => Promise<Response> {
  const { store, keyRing, clock, randomBytes } = route;
  return async (request, visit) => {
    const identity = await visit.identify(route.limit);
    const device = parseSubscribeBody(await readJsonBody(request, { maxBytes: MAX_BROWSER_BODY_BYTES, clock }), route);
    const data = await keepSubscription({
      keyRing,
      vapidPublicKey: device.vapidPublicKey,
      save: (newestVapidKey) =>
        store.saveDevice({
          ...device,
          ...identity,
          newestVapidKey,
          limits: route.deviceLimits,
          newPublicId: randomId(randomBytes),
          newBinding: randomId(randomBytes),
          now: clock.now(),
          // The body has seconds to arrive, in which the session may end.
          requestAgeMs: visit.ageMs(),
        }),
    });
    const { secretHash } = device;
    if (secretHash !== null && data.renewSecret !== true) {
      route.knownDevices.add({ publicId: data.deviceId, secretHash }, identity.userId);
    }
    return jsonAnswer(201, { data });
  };
}
