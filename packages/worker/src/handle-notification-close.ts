import { attempt } from './attempt.ts';
import { type Envelope, envelopeOf } from './envelope.ts';
import type { NotificationCloseEventLike } from './push-worker-events.ts';
import type { PushWorkerDeps } from './push-worker-deps.ts';
import { keepReceipt } from './receipts.ts';

/** Reports a notification of Belfry's that was closed, unless it was clicked (Chromium says both) or replaced by another one. */
export function handleNotificationClose(event: NotificationCloseEventLike, deps: PushWorkerDeps): void {
  const envelope = envelopeOf(event.notification.data);
  if (envelope && !deps.clicked.includes(envelope.id)) event.waitUntil(reportClosed(deps, event, envelope));
}

async function reportClosed(
  deps: PushWorkerDeps,
  event: NotificationCloseEventLike,
  envelope: Envelope,
): Promise<void> {
  const shown = await attempt(
    deps,
    'browser',
    deps.scope.registration.getNotifications({ tag: event.notification.tag }),
  );
  if (!shown?.[0]) await keepReceipt(deps, envelope, { kind: 'closed' });
}
