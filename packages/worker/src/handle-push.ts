import { isRecord } from './is-record.ts';
import { parseDeclaredPush, parsePush } from './parse-push.ts';
import type { PushEventLike, PushWorkerDeps } from './push-worker-scope.ts';

/**
 * Shows a notification for the push, whatever it holds: a push that shows nothing costs the subscription
 * (WebKit revokes it after three, Firefox by a quota, Chromium shows a notice of its own).
 */
export function handlePush(event: PushEventLike, deps: PushWorkerDeps): void {
  const { scope, defaultNotification } = deps;
  const { title, options, appBadge } =
    event.data === null && isRecord(event.notification)
      ? parseDeclaredPush(event.notification, defaultNotification)
      : parsePush(event.data?.text() ?? null, defaultNotification);

  event.waitUntil(scope.registration.showNotification(title, options));

  // Not waited for: on one iOS version setAppBadge never settled in a worker, and the event would hang with it.
  if (appBadge !== null) scope.navigator.setAppBadge?.(appBadge).catch(() => {});
}
