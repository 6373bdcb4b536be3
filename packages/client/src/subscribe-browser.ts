import { encodeBase64url } from './encode-base64url.ts';
import { PushClientError, type PushClientErrorCode } from './push-client-error.ts';
import type { PushManagerSubset, PushSubscriptionSubset } from './push-environment.ts';

/** Why `subscribe()` failed, by the names of the DOMExceptions in the Push API's algorithm for it. */
const SUBSCRIBE_ERRORS: Readonly<Record<string, PushClientErrorCode>> = {
  // the key is no P-256 point
  InvalidAccessError: 'push-key-invalid',
  // the key is no base64url
  InvalidCharacterError: 'push-key-invalid',
  // subscribed under another key: another tab was faster
  InvalidStateError: 'push-key-conflict',
  // the permission was taken back, or a policy forbids push
  NotAllowedError: 'push-not-allowed',
  // the push service is unreachable or switched off; no browser tells more
  AbortError: 'push-service-unavailable',
};

/**
 * Returns the browser's subscription under this VAPID key (base64url): the one it has, or a new one.
 *
 * @param stale the endpoint of one that is of no use; another tab may have replaced it already
 */
export async function subscribeBrowser(
  pushManager: PushManagerSubset,
  publicKey: string,
  stale?: string,
): Promise<PushSubscriptionSubset> {
  try {
    const existing = await pushManager.getSubscription();
    if (existing) {
      if (existing.endpoint !== stale && vapidKeyOf(existing) === publicKey) return existing;
      // subscribe() under another key is an InvalidStateError while a subscription exists.
      await existing.unsubscribe();
    }
    return await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
  } catch (cause) {
    throw new PushClientError(SUBSCRIBE_ERRORS[cause instanceof Error ? cause.name : ''] ?? 'unexpected', { cause });
  }
}

/**
 * Unsubscribes the browser; answers why it could not. Whether `unsubscribe()` resolves to true does not matter: Firefox says false
 * when its push service did not answer well, and the subscription is gone all the same.
 */
export async function endSubscription(pushManager: PushManagerSubset): Promise<PushClientError | null> {
  try {
    await (await pushManager.getSubscription())?.unsubscribe();
    return null;
  } catch (cause) {
    return new PushClientError('unsubscribe-failed', { cause });
  }
}

/** The key that a subscription was made for, in base64url; empty where the browser does not say. */
export function vapidKeyOf({ options }: PushSubscriptionSubset): string {
  return encodeBase64url(new Uint8Array(options.applicationServerKey ?? []));
}
