import { attempt } from './attempt.ts';
import { callHandler } from './call-handler.ts';
import { clickUrl } from './click-url.ts';
import { fieldsOf } from './fields.ts';
import { isRepeated } from './is-repeated.ts';
import { leaveDevices } from './leave-devices.ts';
import { findNewer } from './newer-notification.ts';
import { offerMessage } from './offer-message.ts';
import { openPages } from './open-pages.ts';
import { parseDeclaredPush, parsePush, type Shown } from './parse-push.ts';
import type { PushWorkerDeps } from './push-worker-deps.ts';
import type { PushEventLike } from './push-worker-events.ts';
import { readAnswer } from './read-answer.ts';
import { keepReceipt } from './receipts.ts';
import { transact } from './transact.ts';
import type { WorkerRecords } from './worker-storage.ts';

/**
 * Shows a notification for the push within 5 s, whatever it holds and whatever else fails or hangs: a push that shows nothing costs
 * the subscription (WebKit revokes it after three, Firefox by a quota, Chromium shows a notice of its own). What may hang has
 * its time: the storage 0.7 s, the list of pages and their claims 0.5 s each, a handler 2.5 s, the storage once more 0.7 s.
 */
export function handlePush(event: PushEventLike, deps: PushWorkerDeps): void {
  event.waitUntil(receivePush(deps, event));
}

async function receivePush(deps: PushWorkerDeps, event: PushEventLike): Promise<void> {
  const declared = !event.data && event.notification;
  const push = declared
    ? parseDeclaredPush(fieldsOf(declared), deps.options.defaultNotification)
    : parsePush(event.data?.text() ?? null, deps.options.defaultNotification);
  const envelope = push.options.data.belfry;
  const show = (shown: Shown, isSilent?: boolean | Shown): Promise<void> =>
    deps.scope.registration.showNotification(shown.title, {
      ...shown.options,
      ...(isSilent && { silent: true, vibrate: undefined, renotify: undefined }),
      // WebKit demands it where it has parsed the push, and opens it without the worker. Elsewhere clicks come here.
      ...(declared && { navigate: clickUrl(deps, shown.options.data) }),
    });

  // For another user of this browser, or nobody knows for whom, as the storage fails.
  const isForeign = (found: WorkerRecords | undefined): unknown =>
    envelope && (!found || (found.device && found.device.confirmed?.binding !== envelope.binding));
  const showNeutral = (): Promise<void> => show(parsePush(null, deps.options.defaultNotification));

  const records = await transact(deps);
  if (isForeign(records)) {
    await showNeutral();
    // Not waited for, as receipts are not.
    if (records?.device) void leaveDevices(deps, records.device);
    return;
  }

  const pages = await openPages(deps);
  const isAgain = records && envelope && isRepeated(deps, envelope.id, records.worker);
  const isLeftOut = !isAgain && (await attempt(deps, 'browser', offerMessage(deps, push, pages)));
  const handling = !isAgain && !isLeftOut && callHandler(deps, deps.onPush, push.message.type, push.message, { pages });
  let newer: Shown | undefined;
  if (!isLeftOut) {
    const answered = handling && handling.then((answer) => readAnswer(push, answer));
    const own = (await attempt(deps, 'handler', answered)) || push;
    // Pages and handlers took their time: its user may have signed out meanwhile.
    const [found, now] = await Promise.all([attempt(deps, 'browser', findNewer(deps, own)), transact(deps)]);
    if (isForeign(now)) return showNeutral();
    newer = found;
    await show(newer ?? own, isAgain || newer).catch((error: unknown) => {
      // What a handler answered may be refused, as what cannot be cloned is; what came in a message never is.
      deps.report(error);
      return show(push);
    });
  }
  // Not waited for: on one iOS version setAppBadge never settled in a worker, and the event would hang with it.
  if (push.appBadge !== null && !isAgain && !newer) deps.scope.navigator.setAppBadge?.(push.appBadge).catch(() => {});

  const isReported = !isAgain && deps.random() < (envelope?.receipts ?? 1);
  await keepReceipt(deps, isReported && envelope, { kind: isLeftOut || newer ? 'received' : 'shown' });
  await handling;
}
