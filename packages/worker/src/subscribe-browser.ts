import type { PushManagerLike, SubscriptionLike } from './push-worker-scope.ts';

/**
 * The browser's subscription under this VAPID key (base64url): the one it has, or a new one.
 *
 * @param stale the endpoint of one that is of no use; another page may have had it replaced already
 */
export async function subscribeBrowser(
  pushManager: PushManagerLike,
  applicationServerKey: string,
  stale?: string,
): Promise<SubscriptionLike> {
  const options = { userVisibleOnly: true, applicationServerKey } as const;
  try {
    // It answers the subscription that is there, and fails where that is under another key.
    if (!stale || (await pushManager.getSubscription())?.endpoint !== stale)
      return await pushManager.subscribe(options);
  } catch {}
  await endSubscription(pushManager);
  return pushManager.subscribe(options);
}

/** Unsubscribes the browser, where it is subscribed. */
export const endSubscription = async (pushManager: PushManagerLike): Promise<unknown> =>
  (await pushManager.getSubscription())?.unsubscribe();
