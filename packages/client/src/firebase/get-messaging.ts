import { createPushClient, type PushClient, type PushClientOptions } from '../push-client.ts';
import type { PushEnvironment, RegistrationSubset } from '../push-environment.ts';
import { obstacle } from '../obstacle.ts';
import { withRegistration } from './with-registration.ts';

/**
 * What `getMessaging` answers. One registration has one subscription: under Firebase's own scope that is the one which Firebase has
 * made, and which `getToken` replaces.
 */
export interface Messaging {
  /** What `getMessaging` was first given. */
  readonly app: unknown;
  /** The page's push client, for what Firebase has no name for: the state, and `identify` and `logout`. */
  readonly push: PushClient;
  /** Has this registration hold the subscription from now on; `getToken` calls it with the one that it is given. */
  useServiceWorker(registration: RegistrationSubset): void;
}

/** Those that Firebase's SDK registers where it is given no registration. */
const FIREBASE_WORKER = { url: '/firebase-messaging-sw.js', scope: '/firebase-cloud-messaging-push-scope' };

const made = new WeakMap<PushEnvironment, Messaging>();

/**
 * The messaging of this page, made at the first call, whose options count. Where this browser has a token it puts right what was lost
 * since the last page, and asks the user nothing. On a server that renders it does nothing.
 *
 * @param app ignored: Firebase's app, or nothing
 * @example
 * import { getMessaging, getToken, onMessage } from '@belfry/client/firebase';
 *
 * const messaging = getMessaging();
 * onMessage(messaging, ({ notification }) => toast(notification?.title));
 * button.addEventListener('click', async () => save(await getToken(messaging)));
 */
export function getMessaging(app?: unknown, options: PushClientOptions = {}): Messaging {
  const environment: PushEnvironment = options.environment ?? globalThis;
  const found = made.get(environment);
  if (found) return found;
  let push = createPushClient({ worker: FIREBASE_WORKER, ...options });
  let scope: string | null = null;
  const messaging: Messaging = {
    app,
    get push() {
      return push;
    },
    useServiceWorker(registration) {
      if (registration.scope === scope) return;
      scope = registration.scope;
      push = createPushClient({ ...options, ...withRegistration(environment, registration) });
    },
  };
  made.set(environment, messaging);
  if (obstacle(environment) === null) void push.refresh();
  return messaging;
}
