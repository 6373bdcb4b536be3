import { handleNotificationClick } from './handle-notification-click.ts';
import { handlePush } from './handle-push.ts';
import type { DefaultNotification, PushWorkerDeps, PushWorkerScope } from './push-worker-scope.ts';

export interface PushWorkerOptions {
  /** Shown for a push that has nothing to show; default: the origin's host as its title. */
  readonly defaultNotification?: DefaultNotification;
}

/**
 * Makes a service worker show every push and follow every click. It adds its listeners and nothing else, so it
 * composes with a worker that the app already has; call it while the script runs first, as browsers ignore
 * `push` listeners that are added later.
 *
 * @example
 * import { installPushWorker } from '@belfry/worker';
 *
 * declare const self: ServiceWorkerGlobalScope;
 * installPushWorker(self, { defaultNotification: { title: 'Expenses', body: 'There is news.', url: '/' } });
 */
export function installPushWorker(scope: PushWorkerScope, options: PushWorkerOptions = {}): void {
  const { defaultNotification = { title: scope.location.host } } = options;
  const deps: PushWorkerDeps = { scope, defaultNotification };
  scope.addEventListener('push', (event) => handlePush(event, deps));
  scope.addEventListener('notificationclick', (event) => handleNotificationClick(event, deps));
}
