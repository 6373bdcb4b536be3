import { encodeBase64url } from './encode-base64url.ts';
import { obstacle } from './detect-state.ts';
import { PushClientError } from './push-client-error.ts';
import type { PushClientContext } from './push-client-context.ts';
import type { EnableResult } from './push-results.ts';
import { requestPermission } from './request-permission.ts';
import { subscribeBrowser } from './subscribe-browser.ts';
import { activeRegistration } from './worker-registration.ts';

/** Every step from the click to the confirmed device. Nothing may be awaited before the permission is asked for. */
export async function enablePush(context: PushClientContext): Promise<EnableResult> {
  const { Notification } = context.environment;
  const found = obstacle(context.environment);
  if (found !== null || Notification === undefined) return { outcome: found ?? 'unsupported' };
  try {
    const permission = await requestPermission(Notification);
    if (permission !== 'granted') return { outcome: permission === 'denied' ? 'denied' : 'dismissed' };
    return { outcome: 'on', deviceId: await subscribeDevice(context) };
  } catch (error) {
    return { outcome: 'failed', error: PushClientError.from(error) };
  }
}

async function subscribeDevice(context: PushClientContext): Promise<string> {
  const { environment, server, records } = context;
  const registration = await activeRegistration(context);
  const { scope } = registration;
  const { deviceSecret } = await records.getOrAdd(scope, { deviceSecret: randomSecret(context), confirmed: null });
  const vapidPublicKey = await server.publicKey();
  const subscription = await subscribeBrowser(registration.pushManager, vapidPublicKey);
  const { endpoint, expirationTime } = subscription;
  const { deviceId, binding } = await server.subscribe({
    endpoint,
    keys: subscription.toJSON().keys ?? {},
    expirationTime,
    vapidPublicKey,
    deviceSecret,
    origin: environment.location.origin,
    scope,
    timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    lang: environment.navigator.language,
  });
  await records.put(scope, { deviceSecret, confirmed: { deviceId, binding, endpoint } });
  return deviceId;
}

function randomSecret({ environment }: PushClientContext): string {
  const bytes = new Uint8Array(32);
  environment.crypto.getRandomValues(bytes);
  return encodeBase64url(bytes);
}
