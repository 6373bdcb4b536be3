import { newSecret } from './change-record.ts';
import type { KnownDevice } from './detect-state.ts';
import type { DeviceRecord } from './device-record.ts';
import { leaveDevices } from './leave-devices.ts';
import type { PushClientContext } from './push-client-context.ts';
import { PushClientError } from './push-client-error.ts';
import type { SubscribeAnswer } from './push-server-api.ts';
import { endSubscription, subscribeBrowser, vapidKeyOf } from './subscribe-browser.ts';

/** What the server has asked for already, which is done once. */
interface Repeat {
  /** The endpoint of a subscription that is of no use; another is posted now. */
  readonly stale?: string | undefined;
  /** The key for that; it is asked for where the server did not say it. */
  readonly publicKey?: string | undefined;
  readonly isSecretNew?: boolean;
}

/**
 * Makes browser, server and record agree, whatever of it was lost: a subscription under the newest VAPID key, which the server
 * has confirmed. Where the server says that a former user of this browser may know the device's secret, or the device is another
 * than the record says, it makes a new secret. Where the server asks for a new subscription, it makes one. Then it posts once more,
 * with both. Answers the device's id.
 */
export async function confirmDevice(
  context: PushClientContext,
  { registration, record }: KnownDevice,
  { stale, publicKey, isSecretNew = false }: Repeat = {},
): Promise<string> {
  const { scope, pushManager } = registration;
  const { environment, records, server } = context;
  const { deviceSecret, confirmed, formerEndpoint } = record;

  const known = await pushManager.getSubscription();
  // One that the server has confirmed costs one request: its answer tells of a newer key. Any other may be another sender's.
  const subscription =
    known && known.endpoint === confirmed?.endpoint && !stale
      ? known
      : await subscribeBrowser(pushManager, publicKey ?? (await server.publicKey()), stale ?? formerEndpoint);
  const answer: Reply = await server
    .subscribe({
      ...subscription.toJSON(),
      vapidPublicKey: vapidKeyOf(subscription),
      deviceId: confirmed?.deviceId,
      deviceSecret,
      origin: environment.location.origin,
      scope,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      lang: environment.navigator.language,
    })
    .catch(readConflict);
  const { deviceId, binding, token = null } = answer;
  const isMoved = deviceId && confirmed && deviceId !== confirmed.deviceId;
  const needsSecret = answer.renewSecret || (isMoved && !isSecretNew);
  const renewed =
    answer.renew && !stale ? { stale: subscription.endpoint, publicKey: answer.publicKey } : { stale, publicKey };
  if (!needsSecret) {
    if (renewed.stale !== stale) return confirmDevice(context, { registration, record }, { ...renewed, isSecretNew });
    if (answer.error) throw answer.error;
  }
  let kept = deviceSecret;
  const isSameUser = (now: DeviceRecord | null) => now?.intent === 'on' && now.user === record.user;
  const after = await records.update(scope, (now) => {
    if (now?.deviceSecret === deviceSecret) {
      if (needsSecret) kept = newSecret(context);
      const { endpoint } = subscription;
      const vapidPublicKey = vapidKeyOf(subscription);
      const device = deviceId && binding ? { deviceId, binding, endpoint, vapidPublicKey } : null;
      return { ...now, api: server.url, token, deviceSecret: kept, confirmed: device };
    }
    // Where the server has no use for the secret, another tab has made the new one.
    if (!now || !deviceId || (needsSecret && isSameUser(now))) return null;
    return { ...now, formerEndpoint: subscription.endpoint, leaving: [...now.leaving, { deviceId, deviceSecret }] };
  });
  if (needsSecret && after && isSameUser(after)) {
    if (isSecretNew) throw answer.error ?? new PushClientError('server-answer-invalid');
    return confirmDevice(context, { registration, record: after }, { ...renewed, isSecretNew: true });
  }
  if (!deviceId || after?.deviceSecret !== kept) {
    // Its user signed out meanwhile, or disabled it, and server and browser have to be told that after all.
    await leaveDevices(context, scope);
    if (after?.intent !== 'on') await endSubscription(pushManager);
    throw new PushClientError('signed-out');
  }
  return deviceId;
}

/** What the server says of a subscription; of one that it refuses, only what to do. */
type Reply = Pick<SubscribeAnswer, 'renew' | 'renewSecret'> &
  Partial<SubscribeAnswer> & { readonly error?: PushClientError };

/**
 * 409: the server has no use for this subscription, or for this secret, and has for another. Whoever may know the secret may have
 * noted the subscription too.
 */
function readConflict(cause: unknown): Reply {
  const error = PushClientError.from(cause);
  if (error.status !== 409) throw error;
  return { renew: true, renewSecret: error.serverErrorId === 'secret-retired', error };
}
