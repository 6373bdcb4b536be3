import type { SaveDeviceOutcome, Store } from '@belfry/store';
import type { Clock, RandomBytes } from '../../effects.ts';
import { BelfryError } from '../../errors.ts';
import { MAX_BROWSER_BODY_BYTES } from '../../limits.ts';
import { randomId } from '../../random-ids.ts';
import type { EndpointPolicy } from '../../transport/endpoint-policy.ts';
import type { VapidKeyRing } from '../../vapid/vapid-key-ring.ts';
import { jsonAnswer } from '../answers.ts';
import { checkSameSite } from '../check-same-site.ts';
import type { Identity } from '../identify.ts';
import type { RateLimit } from '../rate-limit.ts';
import { readJsonBody } from '../read-json-body.ts';
import { hashSecret } from '../secret-hash.ts';
import { parseSubscribeBody, type SubscribeBody } from '../subscribe-body.ts';

export interface SubscribeRoute {
  readonly store: Store;
  readonly endpoints: EndpointPolicy;
  readonly origins: readonly string[];
  readonly keyRing: VapidKeyRing;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly limit: RateLimit;
}

/** `POST /subscribe`: keeps a subscription under the signed-in user. Repeating it is harmless. */
export function subscribeRoute(
  route: SubscribeRoute,
): (request: Request, identify: () => Promise<Identity>) => Promise<Response> {
  return async (request, identify) => {
    checkSameSite(request, route.origins);
    const identity = await identify();
    route.limit(identity.userId);
    const body = parseSubscribeBody(await readJsonBody(request, MAX_BROWSER_BODY_BYTES), route);
    const saved = await save(body, identity, route);
    if (saved.outcome === 'endpoint-conflict') {
      throw new BelfryError('endpoint-conflict', 'Another user has this endpoint, under other keys: subscribe anew');
    }
    const { publicId: deviceId, binding } = saved;
    return jsonAnswer(201, { data: { success: true, deviceId, binding } });
  };
}

async function save(body: SubscribeBody, identity: Identity, route: SubscribeRoute): Promise<SaveDeviceOutcome> {
  const { deviceSecret, vapidPublicKey, ...device } = body;
  if (vapidPublicKey !== null && (await route.keyRing.find(vapidPublicKey)) === undefined) {
    throw new BelfryError(
      'unknown-vapid-key',
      'The browser subscribed with a VAPID key that is not ours: subscribe anew',
    );
  }
  try {
    return await route.store.saveDevice({
      ...device,
      ...identity,
      vapidPublicKey,
      newestVapidKey: await route.keyRing.newest(),
      secretHash: deviceSecret === null ? null : hashSecret(deviceSecret),
      newPublicId: randomId(route.randomBytes),
      newBinding: randomId(route.randomBytes),
      now: route.clock.now(),
    });
  } catch (cause) {
    throw new BelfryError('unable-to-save-subscription', 'The subscription could not be saved; try again', { cause });
  }
}
