import { encodeBase64Url } from '@belfry/protocol';
import { MAX_BROWSER_BODY_BYTES } from '../../limits.ts';
import { jsonAnswer } from '../answers.ts';
import { parseDeviceProof } from '../device-proof.ts';
import { keepSubscription } from '../keep-subscription.ts';
import { parseSubscription } from '../parse-subscription.ts';
import { readJsonBody } from '../read-json-body.ts';
import type { SubscribeRoute } from './subscribe.ts';

export type ResubscribeRoute = Pick<SubscribeRoute, 'store' | 'endpoints' | 'keyRing' | 'clock' | 'limit'>;

/**
 * `POST /resubscribe`: gives a device a new subscription, for whoever has its `deviceSecret`: the worker, when the browser has
 * changed it. Cookies, and so the page that sent them, do not matter.
 */
export function resubscribeRoute({
  store,
  endpoints,
  keyRing,
  clock,
  limit,
}: ResubscribeRoute): (request: Request) => Promise<Response> {
  return async (request) => {
    const body = await readJsonBody(request, MAX_BROWSER_BODY_BYTES);
    const proof = parseDeviceProof(body);
    limit(encodeBase64Url(proof.secretHash));
    const subscription = parseSubscription(body, endpoints);
    const data = await keepSubscription({
      keyRing,
      vapidPublicKey: subscription.vapidPublicKey,
      save: (newestVapidKey) =>
        store.resubscribeDevice({ ...subscription, ...proof, newestVapidKey, now: clock.now() }),
    });
    return jsonAnswer(200, { data });
  };
}
