import { branded } from '@belfry/protocol';
import type { RemoveDevice, Store } from '@belfry/store';
import * as v from 'valibot';
import type { Clock } from '../../effects.ts';
import { MAX_BROWSER_BODY_BYTES } from '../../limits.ts';
import type { EndpointPolicy } from '../../transport/endpoint-policy.ts';
import { jsonAnswer } from '../answers.ts';
import type { Visit } from '../create-handler.ts';
import { parseEndpointField } from '../endpoint-field.ts';
import { ID_TEXT } from '../id-text.ts';
import type { DeviceRateLimits, ProveDevice } from '../prove-device.ts';
import type { RateLimit } from '../limits/rate-limit.ts';
import { readJsonBody } from '../read-json-body.ts';

export interface UnsubscribeRoute {
  readonly store: Store;
  readonly endpoints: EndpointPolicy;
  readonly clock: Clock;
  /** Of signed-in users. */
  readonly limit: RateLimit;
  /** Of devices that have proven themselves. */
  readonly limits: DeviceRateLimits;
  readonly proveDevice: ProveDevice;
}

const byDeviceId = v.object({ deviceId: v.pipe(v.string(), v.regex(ID_TEXT)) });
const withSecret = v.object({ deviceId: v.string(), deviceSecret: v.string() });

/**
 * `DELETE /subscribe` with `{ endpoint }` or `{ deviceId }`: forgets the device, for its signed-in user. With `{ deviceId,
 * deviceSecret }` for whoever has the secret: cookies, and so the page that sent them, do not matter then. A device that is
 * not there (any more) is as good as removed.
 */
export function unsubscribeRoute(route: UnsubscribeRoute): (request: Request, visit: Visit) => Promise<Response> {
  return async (request, visit) => {
    const body = await readJsonBody(request, { maxBytes: MAX_BROWSER_BODY_BYTES, clock: route.clock });
    const owner = v.is(withSecret, body) ? await ownerBySecret(body, visit) : await ownerByCookie(visit);
    const device = deviceOf(body, route.endpoints);
    const removed = owner !== undefined && (await isRemoved({ owner, device, now: route.clock.now() }));
    return jsonAnswer(200, { data: { success: true, removed } });
  };

  async function isRemoved(request: RemoveDevice): Promise<boolean> {
    return (await route.store.removeDevice(request)).endedBindings.length > 0;
  }

  async function ownerBySecret(body: unknown, visit: Visit): Promise<RemoveDevice['owner'] | undefined> {
    const proof = await route.proveDevice(body, { admission: visit, limits: route.limits });
    if (proof === undefined) return undefined;
    return { secretHash: proof.secretHash };
  }

  async function ownerByCookie(visit: Visit): Promise<RemoveDevice['owner']> {
    const { userId } = await visit.identify(route.limit);
    return { userId };
  }
}

function deviceOf(body: unknown, endpoints: EndpointPolicy): RemoveDevice['device'] {
  if (v.is(byDeviceId, body)) return { publicId: branded(body.deviceId) };
  return { endpoint: parseEndpointField(body, endpoints) };
}
