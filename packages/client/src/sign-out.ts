import { endDevice } from './end-device.ts';
import type { PushClientContext } from './push-client-context.ts';
import type { LogoutResult } from './push-results.ts';

/**
 * The subscription ends too, so that a server which cannot be told is answered 410 for the next message; the next user's needs no
 * permission.
 */
export async function signOut(context: PushClientContext): Promise<LogoutResult> {
  const { record, server } = await endDevice(context, ({ intent }) => ({
    intent: intent === 'off' ? 'off' : 'signed-out',
  }));
  return record ? { outcome: 'failed', error: record } : { outcome: 'signed-out', server };
}
