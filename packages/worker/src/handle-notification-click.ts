import { callHandler } from './call-handler.ts';
import { claimant } from './claimant.ts';
import { clickUrl } from './click-url.ts';
import { envelopeOf } from './envelope.ts';
import { fieldsOf } from './fields.ts';
import { openPages } from './open-pages.ts';
import { parseDeclaredPush } from './parse-push.ts';
import type { PushWorkerDeps } from './push-worker-deps.ts';
import type { NotificationClickEventLike } from './push-worker-events.ts';
import { keepReceipt } from './receipts.ts';

/**
 * Closes the notification and, unless a click handler has followed the click, brings its URL to the front. The URL is the button's,
 * else the notification's, else the default notification's, else the scope.
 * A notification that Belfry has not shown (no `belfry` in its data) is left to the app's own listener.
 */
export function handleNotificationClick(event: NotificationClickEventLike, deps: PushWorkerDeps): void {
  const { notification } = event;
  if (!('belfry' in fieldsOf(notification.data))) return;
  notification.close();
  event.waitUntil(followClick(deps, event));
}

async function followClick(deps: PushWorkerDeps, event: NotificationClickEventLike): Promise<void> {
  const { notification } = event;
  const envelope = envelopeOf(notification.data);
  if (envelope) deps.clicked.push(envelope.id);
  const push = parseDeclaredPush(fieldsOf(notification), deps.options.defaultNotification);
  if (
    (await callHandler(deps, deps.onClick, push.message.type, { action: event.action, message: push.message })) !== true
  ) {
    // The mark is for the pages of WebKit, which opens what it is told to without asking the worker.
    await open(deps, clickUrl(deps, notification.data, event.action).replace(/[#&]belfry=[\w-]+\.[^&]*$/, ''));
  }
  await keepReceipt(deps, envelope, { kind: 'clicked', action: event.action || null });
}

/**
 * A page that is at the URL, else one that goes there by itself, else one that may be led there, else a new one. All this soon: a
 * browser lets a worker open windows for about a second after a click.
 */
async function open(deps: PushWorkerDeps, url: string): Promise<void> {
  try {
    const pages = await openPages(deps);
    const there = pages.find((page) => page.url === url);
    const claim = there ? undefined : await claimant(deps, pages, { belfry: 'navigate' });
    // One of another scope refuses to be led, and a new one is opened.
    const page = there ?? claim?.page ?? (deps.options.navigateOpenPages && pages[0]);
    if (page) {
      await page.focus();
      if (claim) claim.port.postMessage({ url });
      else if (!there) await page.navigate(url);
      return;
    }
  } catch {
    // A page that has gone meanwhile, or does not let itself be led.
  }
  await deps.scope.clients.openWindow(url);
}
