import type { WaitForNotificationOptions } from './browser.ts';
import type { ChromiumNotification } from './browser-notification.ts';

/**
 * The desktop of one Chromium: its notifications stay there until they are clicked, closed or replaced. On Linux only;
 * elsewhere both reject with TestingError `notifications-unreadable`.
 */
export interface Desktop {
  /** The notifications on the screen, oldest first, whatever the worker says of them. */
  notifications(): Promise<ChromiumNotification[]>;
  /**
   * Waits for a notification with this title and body (either may be left out), 10 s unless `timeoutMs` says otherwise.
   *
   * @throws TestingError `wait-timeout` with what is on the screen instead
   */
  waitForNotification(options?: WaitForNotificationOptions): Promise<ChromiumNotification>;
}
