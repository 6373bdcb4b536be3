import type { PushEnvironment } from './push-environment.ts';

/** Asks in the same turn, so that the user's click still counts; by promise, and by callback for old browsers. */
export function requestPermission(
  notification: NonNullable<PushEnvironment['Notification']>,
): Promise<NotificationPermission> {
  return new Promise((resolve, reject) => {
    notification.requestPermission(resolve)?.then(resolve, reject);
  });
}
