import { attempt } from './attempt.ts';
import { callServer } from './call-server.ts';
import type { DeviceRecord } from './device-record.ts';
import { fieldsOf, text } from './fields.ts';
import { newSecret } from './new-secret.ts';
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

/** What the server has asked for already, which is done once. */
interface Repeat {
  /** The endpoint of a subscription that is of no use. */
  readonly stale?: string | undefined;
  /** The key for the one that is posted now. */
  readonly renewWith?: string;
  readonly isSecretNew?: boolean | undefined;
}

export type SubscribedDevice = { readonly deviceId: string } | { readonly code: SubscribeErrorCode };

/**
 * Subscribes this browser under the newest VAPID key, tells the server, and keeps what that has confirmed.
 *
 * Where the server says that a former user of this browser may know the device's secret, or the device is another than the record
 * says, it makes a new secret. Where the server asks for a new subscription, or another user has this one, it makes one. Then it
 * asks once more, with both.
 */
export async function subscribeDevice(
  deps: PushWorkerDeps,
  device: DeviceRecord | null | undefined,
  path: '/subscribe' | '/resubscribe',
  { stale, renewWith, isSecretNew }: Repeat = {},
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
    subscribeBrowser(deps.scope.registration.pushManager, vapidPublicKey, stale ?? device.formerEndpoint),
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
  const deviceId = text(data.deviceId);
  const binding = text(data.binding);
  const refusal = fieldsOf(answer?.error).id;
  const isRefused = data.renewSecret === true || refusal === 'secret-retired';
  const isMoved = deviceId && device.confirmed && deviceId !== device.confirmed.deviceId;
  const needsSecret = !isSecretNew && (isRefused || isMoved);
  const { endpoint } = subscription;
  // Another user has the subscription, or may have noted it: who may know a secret that is refused may know that too.
  const renewed =
    !stale && (data.renew === true || refusal === 'secret-retired' || refusal === 'endpoint-conflict')
      ? { stale: endpoint, renewWith: text(data.publicKey) ?? vapidPublicKey }
      : { stale, renewWith: vapidPublicKey };
  if (!needsSecret && renewed.stale !== stale) return subscribeDevice(deps, device, path, { ...renewed, isSecretNew });
  if (!needsSecret && (!deviceId || !binding || isRefused)) {
    if (answer) deps.report(new Error('server-failed', { cause: answer.error }));
    return { code: 'server-failed' };
  }
  const confirmed = deviceId && binding ? { deviceId, binding, endpoint, vapidPublicKey } : null;
  const deviceSecret = needsSecret ? newSecret(deps) : device.deviceSecret;
  const after = await transact(deps, ({ device: now }) =>
    now?.deviceSecret === device.deviceSecret && [device.intent, 'on'].includes(now.intent)
      ? { device: { ...now, deviceSecret, intent: 'on', confirmed } }
      : {},
  );
  const now = after?.device;
  // For another page that asked at the same time, the new secret may be there already.
  if (needsSecret && now?.intent === 'on' && now.user === device.user) {
    return subscribeDevice(deps, now, path, { ...renewed, isSecretNew: true });
  }
  if (now?.intent !== 'on' || now.deviceSecret !== deviceSecret) return { code: 'storage-failed' };
  return deviceId ? { deviceId } : { code: 'server-failed' };
}
