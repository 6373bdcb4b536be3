import { attempt } from './attempt.ts';
import { callServer } from './call-server.ts';
import type { DeviceRecord } from './device-record.ts';
import { fieldsOf, text } from './fields.ts';
import type { PushWorkerDeps } from './push-worker-deps.ts';
import { subscribeBrowser } from './subscribe-browser.ts';
import { transact } from './transact.ts';

/**
 * Why a device could not be subscribed.
 *
 * - `storage-failed`: IndexedDB failed, or its record was changed meanwhile: the page signed its user out, or disabled push
 * - `server-failed`: no answer from the server, or one that is no confirmation
 * - `push-failed`: the browser did not subscribe
 */
export type SubscribeErrorCode = 'storage-failed' | 'server-failed' | 'push-failed';

export type SubscribedDevice = { readonly deviceId: string } | { readonly code: SubscribeErrorCode };

/**
 * Subscribes this browser under the newest VAPID key, tells the server, and keeps what that has confirmed.
 *
 * @param renewWith the key for which the server has asked for a new subscription, in place of the one that it was told of
 */
export async function subscribeDevice(
  deps: PushWorkerDeps,
  device: DeviceRecord | null | undefined,
  path: '/subscribe' | '/resubscribe',
  renewWith?: string,
): Promise<SubscribedDevice> {
  if (!device) return { code: 'storage-failed' };
  const vapidPublicKey =
    renewWith ??
    text((await callServer(deps, device, { path: '/public-key' }))?.publicKey) ??
    device.confirmed?.vapidPublicKey;
  if (!vapidPublicKey) return { code: 'server-failed' };
  const subscription = await attempt(
    deps,
    'push',
    subscribeBrowser(deps.scope.registration.pushManager, vapidPublicKey, renewWith !== undefined),
  );
  if (!subscription) return { code: 'push-failed' };
  const body = JSON.stringify({
    deviceId: device.confirmed?.deviceId,
    deviceSecret: device.deviceSecret,
    ...subscription.toJSON(),
    vapidPublicKey,
    origin: deps.scope.location.origin,
    scope: deps.scope.registration.scope,
  });
  const answer = await callServer(deps, device, { path, method: 'POST', body });
  const data = fieldsOf(answer?.data);
  if (data.renew === true && !renewWith) return subscribeDevice(deps, device, path, String(data.publicKey));
  const deviceId = text(data.deviceId);
  const binding = text(data.binding);
  if (!deviceId || !binding) {
    if (answer) deps.report(new Error('server-failed', { cause: answer.error }));
    return { code: 'server-failed' };
  }
  const confirmed = { deviceId, binding, endpoint: subscription.endpoint, vapidPublicKey };
  const after = await transact(deps, ({ device: now }) => ({
    device:
      now?.deviceSecret === device.deviceSecret && [device.intent, 'on'].includes(now.intent)
        ? { ...now, intent: 'on', confirmed }
        : undefined,
  }));
  return after?.device ? { deviceId } : { code: 'storage-failed' };
}
