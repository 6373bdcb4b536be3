import { isRecord } from './is-record.ts';
import type { NotificationClickEventLike, PushWorkerDeps, PushWorkerScope } from './push-worker-scope.ts';

/**
 * Closes the notification, then focuses the window that is at exactly its URL (query and fragment included), else
 * opens one. The URL is the button's, else the notification's, else the default notification's, else the scope.
 * A notification that Belfry has not shown (no `belfry` in its data) is left to the app's own listener.
 */
export function handleNotificationClick(event: NotificationClickEventLike, deps: PushWorkerDeps): void {
  const { scope, defaultNotification } = deps;
  const { data } = event.notification;
  if (!isRecord(data) || !('belfry' in data)) return;

  const urls = isRecord(data.urls) ? data.urls : {};
  const url =
    [urls[event.action], urls[''], defaultNotification.url]
      .map((each) => resolveUrl(each, scope.location.origin))
      .find((each) => each !== null) ?? scope.registration.scope;

  event.notification.close();
  event.waitUntil(focusOrOpen(url, scope.clients));
}

async function focusOrOpen(url: string, clients: PushWorkerScope['clients']): Promise<void> {
  const windows = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  const open = windows.find((each) => each.url === url);
  await (open === undefined ? clients.openWindow(url) : open.focus());
}

/** Null for what is no http(s) URL: `javascript:` and its like are never opened. */
function resolveUrl(value: unknown, origin: string): string | null {
  if (typeof value !== 'string') return null;
  try {
    const url = new URL(value, origin);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
  } catch {
    return null;
  }
}
