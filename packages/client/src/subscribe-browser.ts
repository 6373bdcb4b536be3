import { encodeBase64url } from './encode-base64url.ts';
import { PushClientError, type PushClientErrorCode } from './push-client-error.ts';
import type { PushManagerSubset, PushSubscriptionSubset } from './push-environment.ts';

/** Returns the browser's subscription under this VAPID key (base64url): the one it has, or a new one. */
export async function subscribeBrowser(
  pushManager: PushManagerSubset,
  publicKey: string,
): Promise<PushSubscriptionSubset> {
  try {
    const existing = await pushManager.getSubscription();
    if (existing !== null) {
      const key = existing.options.applicationServerKey;
      if (key !== null && encodeBase64url(new Uint8Array(key)) === publicKey) return existing;
      // subscribe() under another key is an InvalidStateError while a subscription exists.
      await existing.unsubscribe();
    }
    return await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
  } catch (cause) {
    throw new PushClientError(identifySubscribeError(cause), { cause });
  }
}

/** Tells why `subscribe()` failed, by the names of the DOMExceptions in the Push API's algorithm for it. */
function identifySubscribeError(error: unknown): PushClientErrorCode {
  switch (error instanceof Error ? error.name : '') {
    case 'InvalidAccessError': // the key is no P-256 point
    case 'InvalidCharacterError': // the key is no base64url
      return 'push-key-invalid';
    case 'InvalidStateError': // subscribed under another key: another tab was faster
      return 'push-key-conflict';
    case 'NotAllowedError': // the permission was taken back, or a policy forbids push
      return 'push-not-allowed';
    case 'AbortError': // the push service is unreachable or switched off; no browser tells more
      return 'push-service-unavailable';
    default:
      return 'unexpected';
  }
}
