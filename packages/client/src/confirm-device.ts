import type { KnownDevice } from './detect-state.ts';
import { leaveDevices } from './leave-devices.ts';
import type { PushClientContext } from './push-client-context.ts';
import { PushClientError } from './push-client-error.ts';
import type { PushSubscriptionSubset } from './push-environment.ts';
import type { SubscribeAnswer } from './push-server-api.ts';
import { endSubscription, subscribeBrowser, vapidKeyOf } from './subscribe-browser.ts';

/**
 * Makes browser, server and record agree, whatever of it was lost: a subscription under the newest VAPID key, which the server
 * has confirmed. Answers the device's id.
 */
export async function confirmDevice(
  context: PushClientContext,
  { registration: { scope, pushManager }, record }: KnownDevice,
): Promise<string> {
  const { environment, records, server } = context;
  const { deviceSecret, confirmed } = record;

  const subscribe = async (stale?: string): Promise<PushSubscriptionSubset> =>
    subscribeBrowser(pushManager, await server.publicKey(), stale);

  const post = (given: PushSubscriptionSubset): Promise<SubscribeAnswer> =>
    server.subscribe({
      ...given.toJSON(),
      vapidPublicKey: vapidKeyOf(given),
      deviceSecret,
      origin: environment.location.origin,
      scope,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      lang: environment.navigator.language,
    });

  const known = await pushManager.getSubscription();
  // One that the server has confirmed costs one request: its answer tells of a newer key. Any other may be another sender's.
  let subscription = known && known.endpoint === confirmed?.endpoint ? known : await subscribe();
  let answer = await post(subscription).catch(unlessConflict);
  if (!answer || answer.renew) {
    subscription = await subscribe(subscription.endpoint);
    answer = await post(subscription);
  }
  const { deviceId, binding, token } = answer;
  const after = await records.update(scope, (now) => {
    if (now?.deviceSecret === deviceSecret) {
      const { endpoint } = subscription;
      const vapidPublicKey = vapidKeyOf(subscription);
      return { ...now, api: server.url, token, confirmed: { deviceId, binding, endpoint, vapidPublicKey } };
    }
    return now && { ...now, leaving: [...now.leaving, { deviceId, deviceSecret }] };
  });
  if (after?.deviceSecret !== deviceSecret) {
    // Its user signed out meanwhile, or disabled it, and server and browser have to be told that after all.
    await leaveDevices(context, scope);
    if (after?.intent !== 'on') await endSubscription(pushManager);
    throw new PushClientError('signed-out');
  }
  return deviceId;
}

/** 409: the server has no use for this subscription, and has for another. */
function unlessConflict(error: unknown): null {
  if (PushClientError.from(error).status === 409) return null;
  throw error;
}
