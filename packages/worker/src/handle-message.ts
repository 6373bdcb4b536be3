import { fieldsOf } from './fields.ts';
import { newSecret } from './new-secret.ts';
import type { PushWorkerDeps } from './push-worker-deps.ts';
import type { MessageEventLike } from './push-worker-events.ts';
import { subscribeDevice } from './subscribe-device.ts';
import { transact } from './transact.ts';

/**
 * Subscribes this browser for a page without Belfry's client that posts `{ type: 'SUBSCRIBE' }`, and answers on the port it gave,
 * or to the page, `{ type: 'SUBSCRIBED', deviceId }` or `{ type: 'SUBSCRIBE_FAILED', code }`. All other messages are the app's.
 */
export function handleMessage(event: MessageEventLike, deps: PushWorkerDeps): void {
  if (fieldsOf(event.data).type === 'SUBSCRIBE') event.waitUntil(subscribe(deps, event));
}

async function subscribe(deps: PushWorkerDeps, event: MessageEventLike): Promise<void> {
  const records = await transact(deps, ({ device }) => ({
    device: device ?? {
      api: new URL(deps.options.api, deps.scope.location.origin).href.replace(/\/$/, ''),
      deviceSecret: newSecret(deps),
      intent: 'on',
      user: null,
      token: null,
      confirmed: null,
      leaving: [],
    },
  }));
  const result = await subscribeDevice(deps, records?.device, '/subscribe');
  (event.ports[0] ?? event.source)?.postMessage({
    type: 'code' in result ? 'SUBSCRIBE_FAILED' : 'SUBSCRIBED',
    ...result,
  });
}
