import type { PushManagerLike, SubscriptionLike } from './push-worker-scope.ts';

/**
 * The browser's subscription under this VAPID key (base64url): the one it has, or a new one.
 *
 * @param isStale the one it has is of no use
 */
export async function subscribeBrowser(
  pushManager: PushManagerLike,
  applicationServerKey: string,
  isStale: boolean,
): Promise<SubscriptionLike> {
  const options = { userVisibleOnly: true, applicationServerKey } as const;
  try {
    // It answers the subscription that is there, and fails where that is under another key.
    if (!isStale) return await pushManager.subscribe(options);
  } catch {}
  await endSubscription(pushManager);
  return pushManager.subscribe(options);
}

/** Unsubscribes the browser, where it is subscribed. */
export const endSubscription = async (pushManager: PushManagerLike): Promise<unknown> =>
  (await pushManager.getSubscription())?.unsubscribe();
