import { branded, encodeBase64Url } from '@belfry/protocol';
import type { RemoveDevice, Store } from '@belfry/store';
import * as v from 'valibot';
import type { Clock } from '../../effects.ts';
import { MAX_BROWSER_BODY_BYTES } from '../../limits.ts';
import type { EndpointPolicy } from '../../transport/endpoint-policy.ts';
import { jsonAnswer } from '../answers.ts';
import { parseEndpointField } from '../endpoint-field.ts';
import { ID_TEXT } from '../id-text.ts';
import type { Identity } from '../identify.ts';
import type { RateLimit } from '../rate-limit.ts';
import { readJsonBody } from '../read-json-body.ts';
import { hashSecret } from '../secret-hash.ts';

export interface UnsubscribeRoute {
  readonly store: Store;
  readonly endpoints: EndpointPolicy;
  readonly clock: Clock;
  /** Of signed-in users. */
  readonly limit: RateLimit;
  /** Of secrets, which anybody may make up. */
  readonly limitSecret: RateLimit;
}

const byDeviceId = v.object({ deviceId: v.pipe(v.string(), v.regex(ID_TEXT)) });
const withSecret = v.object({ deviceSecret: v.string() });

/**
 * `DELETE /subscribe` with `{ endpoint }` or `{ deviceId }`: forgets the device, for its signed-in user or for whoever
 * has its `deviceSecret`. A device that is not there (any more) is as good as removed.
 */
export function unsubscribeRoute(
  route: UnsubscribeRoute,
): (request: Request, identify: () => Promise<Identity>) => Promise<Response> {
  return async (request, identify) => {
    const body = await readJsonBody(request, MAX_BROWSER_BODY_BYTES);
    const owner = ownerBySecret(body) ?? (await identify());
    if ('userId' in owner) route.limit(owner.userId);
    else route.limitSecret(encodeBase64Url(owner.secretHash));
    const removed = await route.store.removeDevice({
      owner,
      device: deviceOf(body, route.endpoints),
      now: route.clock.now(),
    });
    return jsonAnswer(200, { data: { success: true, removed } });
  };
}

/** A secret stands for itself: cookies, and so the page that sent them, do not matter. */
function ownerBySecret(body: unknown): RemoveDevice['owner'] | undefined {
  const secretHash = v.is(withSecret, body) ? hashSecret(body.deviceSecret) : undefined;
  return secretHash && { secretHash };
}

function deviceOf(body: unknown, endpoints: EndpointPolicy): RemoveDevice['device'] {
  if (v.is(byDeviceId, body)) return { publicId: branded(body.deviceId) };
  return { endpoint: parseEndpointField(body, endpoints) };
}
