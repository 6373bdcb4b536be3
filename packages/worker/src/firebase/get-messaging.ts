import { installPushWorker, type PushWorker } from '../install-push-worker.ts';
import type { PushHandler } from '../push-handlers.ts';
import type { PushWorkerOptions } from '../push-worker-options.ts';
import type { PushWorkerScope } from '../push-worker-scope.ts';
import { type MessagePayload, toMessagePayload } from './message-payload.ts';
import { preferOwnNotifications } from './prefer-own-notifications.ts';

declare const self: ServiceWorkerGlobalScope;

/** What `getMessaging` answers. */
export interface Messaging {
  /** What `getMessaging` was first given. */
  readonly app: unknown;
  /** The push worker, for what Firebase has no name for: clicks, and messages of the application's own types. */
  readonly worker: PushWorker;
  /** What `onBackgroundMessage` has set. */
  backgroundHandler: ((payload: MessagePayload) => unknown) | null;
}

const installed = new WeakMap<PushWorkerScope, Messaging>();

/**
 * Installs Belfry's push worker, at the first call, whose options count: while the script runs first, as browsers ignore `push`
 * listeners that are added later. A click without a link leads to `/`, where the options say nothing else.
 *
 * @param app ignored: Firebase's app, or nothing
 * @example
 * import { getMessaging, onBackgroundMessage } from '@belfry/worker/firebase';
 *
 * declare const self: ServiceWorkerGlobalScope;
 * const messaging = getMessaging();
 * onBackgroundMessage(messaging, ({ data }) => self.registration.showNotification('News', { body: data?.text ?? '' }));
 */
export function getMessaging(app?: unknown, options: PushWorkerOptions = {}, scope: PushWorkerScope = self): Messaging {
  const found = installed.get(scope);
  if (found) return found;
  const callPreferring = preferOwnNotifications(scope);
  const defaultNotification = { title: scope.location.host, url: '/', ...options.defaultNotification };
  const worker = installPushWorker(scope, { ...options, defaultNotification });
  const messaging: Messaging = { app, worker, backgroundHandler: null };
  const { onPush }: FcmWorker = worker;
  onPush('fcm', async (message) => {
    const { backgroundHandler } = messaging;
    if (backgroundHandler) await callPreferring(message, () => backgroundHandler(toMessagePayload(message)));
  });
  installed.set(scope, messaging);
  return messaging;
}

/** `fcm` is none of the types that the application declares in `BelfryMessages`. */
interface FcmWorker {
  onPush(type: string, handler: PushHandler): void;
}
