import { actionButton } from '../action-button.ts';
import type { ChromiumNotification } from '../browser-notification.ts';
import type { NotificationServer, ShownNotification } from '../dbus/serve-notifications.ts';
import { TestingError } from '../errors.ts';

/** The notifications on the screen, oldest first. */
export function chromiumNotifications(desktop: NotificationServer | undefined): readonly ChromiumNotification[] {
  if (desktop === undefined) {
    throw new TestingError(
      'notifications-unreadable',
      `Chromium's notifications are read over D-Bus, which it uses on Linux only; this is ${process.platform}`,
    );
  }
  return desktop.shown().map((shown) => chromiumNotification(desktop, shown));
}

function chromiumNotification(desktop: NotificationServer, shown: ShownNotification): ChromiumNotification {
  const { title, body, origin, buttons } = shown;

  function expectDone(wasShown: boolean): void {
    if (!wasShown) throw new TestingError('notification-gone', 'The notification is no longer shown');
  }
  return {
    title,
    body,
    origin,
    actions: buttons.map(({ label }) => label),
    async click() {
      expectDone(desktop.invoke(shown, 'default'));
    },
    async close() {
      expectDone(desktop.dismiss(shown));
    },
    async action(which) {
      expectDone(desktop.invoke(shown, actionButton(buttons, which).key));
    },
  };
}
