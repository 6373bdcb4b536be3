import type { RegistrationSubset } from '../push-environment.ts';
import type { Messaging } from './get-messaging.ts';
import { MessagingError, toMessagingError } from './messaging-error.ts';

export interface GetTokenOptions {
  /** Ignored: the browser subscribes with the key that the server says, which may change without a new page. */
  readonly vapidKey?: string | undefined;
  /** Default: Firebase's, `/firebase-messaging-sw.js` under the scope `/firebase-cloud-messaging-push-scope`. */
  readonly serviceWorkerRegistration?: RegistrationSubset | undefined;
}

/**
 * Subscribes this browser for who is signed in, and answers the device's id: the `token` of a message. Call it at every page load of
 * who has one, as with Firebase, since a token may change. It asks for the permission where nobody was asked before, which Safari and
 * Firefox allow in a click alone.
 *
 * @throws {MessagingError}
 */
export async function getToken(
  messaging: Messaging,
  { serviceWorkerRegistration }: GetTokenOptions = {},
): Promise<string> {
  if (serviceWorkerRegistration) messaging.useServiceWorker(serviceWorkerRegistration);
  const result = await messaging.push.enable();
  switch (result.outcome) {
    case 'on':
      return result.deviceId;
    case 'denied':
    case 'dismissed':
      throw new MessagingError('messaging/permission-blocked', result.outcome);
    case 'unsupported':
    case 'insecure':
    case 'needs-install':
      throw new MessagingError('messaging/unsupported-browser', result.outcome);
    case 'failed':
      throw toMessagingError(result.error);
  }
}
