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
  const labels = buttons.map(({ label }) => label);

  function expectDone(wasShown: boolean): void {
    if (!wasShown) throw new TestingError('notification-gone', 'The notification is no longer shown');
  }
  return {
    title,
    body,
    origin,
    actions: labels,
    async click() {
      expectDone(desktop.invoke(shown, 'default'));
    },
    async close() {
      expectDone(desktop.dismiss(shown));
    },
    async action(which) {
      const button = buttons[typeof which === 'number' ? which : labels.indexOf(which)];
      if (button === undefined) {
        const there = labels.map((label) => JSON.stringify(label)).join(', ') || 'none';
        const wanted = JSON.stringify(which);
        throw new TestingError('no-such-action', `The notification has no action ${wanted}; its actions: ${there}`);
      }
      expectDone(desktop.invoke(shown, button.key));
    },
  };
}
