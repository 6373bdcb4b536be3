import type { PushWorkerDeps } from './push-worker-deps.ts';
import type { SubscriptionChangeEventLike } from './push-worker-events.ts';
import { subscribeDevice } from './subscribe-device.ts';
import { transact } from './transact.ts';

/**
 * Gives a device that is on its new subscription: the one that the browser has made, or else one under the newest VAPID key. What
 * fails here is reported, and healed by the next page that is opened.
 */
export function handleSubscriptionChange(event: SubscriptionChangeEventLike, deps: PushWorkerDeps): void {
  event.waitUntil(resubscribe(deps));
}

async function resubscribe(deps: PushWorkerDeps): Promise<void> {
  const device = (await transact(deps))?.device;
  if (device?.intent === 'on' && device.confirmed) await subscribeDevice(deps, device, '/resubscribe');
}
