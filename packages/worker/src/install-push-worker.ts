import { handleMessage } from './handle-message.ts';
import { handleNotificationClick } from './handle-notification-click.ts';
import { handleNotificationClose } from './handle-notification-close.ts';
import { handlePush } from './handle-push.ts';
import { handleSubscriptionChange } from './handle-subscription-change.ts';
import { indexedDbStorage } from './indexed-db-storage.ts';
import type { MessageType } from './messages.ts';
import type { ClickHandler, PushHandler } from './push-handlers.ts';
import type { PushWorkerDeps } from './push-worker-deps.ts';
import type { PushWorkerEvents } from './push-worker-events.ts';
import type { PushWorkerOptions } from './push-worker-options.ts';
import type { PushWorkerScope } from './push-worker-scope.ts';

/** What the app adds to its worker. A type has one handler; `'*'` is the one of all types that have none. */
export interface PushWorker {
  /**
   * Calls the handler for each message of the type that comes, once, unless a page took it. What it answers within 2.5 s is shown in
   * place of the notification as declared.
   */
  onPush<Type extends MessageType>(type: Type | '*', handler: PushHandler<Type>): void;
  /** Calls the handler for each click on a notification of the type. */
  onClick<Type extends MessageType>(type: Type | '*', handler: ClickHandler<Type>): void;
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
 * const worker = installPushWorker(self, { defaultNotification: { title: 'Expenses', body: 'There is news.', url: '/' } });
 * worker.onPush('chat.message', ({ payload }) => ({ title: payload.from, body: payload.text }));
 */
export function installPushWorker(scope: PushWorkerScope, options?: PushWorkerOptions): PushWorker {
  const deps = pushWorkerDeps(scope, options);
  const listen = <Type extends keyof PushWorkerEvents>(
    type: Type,
    handle: (event: PushWorkerEvents[Type], deps: PushWorkerDeps) => void,
  ): void => scope.addEventListener(type, (event) => handle(event, deps));
  listen('push', handlePush);
  listen('notificationclick', handleNotificationClick);
  listen('notificationclose', handleNotificationClose);
  listen('pushsubscriptionchange', handleSubscriptionChange);
  listen('message', handleMessage);
  return {
    onPush: (type, handler) => (deps.onPush[type] = handler),
    onClick: (type, handler) => (deps.onClick[type] = handler),
  };
}

/** What `installPushWorker` gives the handlers, for who calls them from listeners of their own. */
export function pushWorkerDeps(scope: PushWorkerScope, options: PushWorkerOptions = {}): PushWorkerDeps {
  return {
    scope,
    options: {
      api: '/api/push',
      defaultNotification: { title: scope.location.host },
      ...options,
    },
    onPush: Object.create(null),
    onClick: Object.create(null),
    storage: indexedDbStorage(scope),
    memory: null,
    clicked: [],
    now: Date.now,
    random: Math.random,
    ask(page, question) {
      const channel = new MessageChannel();
      page.postMessage(question, [channel.port2]);
      return channel.port1;
    },
    report: console.error,
  };
}
