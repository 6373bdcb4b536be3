import type { PushClientContext } from './push-client-context.ts';
import type { PushEnvironment } from './push-environment.ts';
import type { PushState } from './push-results.ts';
import { findRegistration } from './worker-registration.ts';

/**
 * What stands in the way before the user is asked; null: nothing.
 * Over http a browser hides its service workers, so this is what is looked at first.
 */
export function obstacle(environment: PushEnvironment): 'insecure' | 'unsupported' | null {
  if (!environment.isSecureContext) return 'insecure';
  const { Notification, PushManager, navigator } = environment;
  return Notification && PushManager && navigator.serviceWorker ? null : 'unsupported';
}

/** Looks at the browser and at the device record; asks neither the user nor the server. */
export async function detectState(context: PushClientContext): Promise<Exclude<PushState, 'unknown'>> {
  const { environment, records, script } = context;
  const found = obstacle(environment);
  if (found !== null) return found;
  const permission = environment.Notification?.permission;
  if (permission !== 'granted') return permission === 'denied' ? 'blocked' : 'promptable';
  try {
    const registration = await findRegistration(environment, script);
    const subscription = await registration?.pushManager.getSubscription();
    if (!registration || !subscription) return 'off';
    const record = await records.get(registration.scope);
    return record?.confirmed?.endpoint === subscription.endpoint ? 'on' : 'off';
  } catch {
    // Such as a browser that allows no storage: enable() meets the same error and tells it.
    return 'off';
  }
}
