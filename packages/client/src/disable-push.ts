import { endDevice } from './end-device.ts';
import type { PushClientContext } from './push-client-context.ts';
import type { DisableResult } from './push-results.ts';

/** Keeps who is signed in: only `enable()` turns it on again. */
export async function disablePush(context: PushClientContext): Promise<DisableResult> {
  const { browser, server } = await endDevice(context, ({ user }) => ({ user, intent: 'off' }));
  return browser || server ? { outcome: 'failed', browser, server } : { outcome: 'off' };
}
