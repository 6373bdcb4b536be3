import type { Browser } from './browser.ts';

/**
 * A running Chromium. Its notifications stay on the screen until they are clicked, closed or replaced; they can be read
 * on Linux only, where it hands them to the desktop over D-Bus. Elsewhere `notifications` and `waitForNotification`
 * reject with TestingError `notifications-unreadable`.
 */
export interface Chromium extends Browser {
  /**
   * As in every browser. Chromium writes permissions and subscriptions to its profile within 10 s: a kill before that
   * loses them, as a crash does (measured, 156). `close` writes everything.
   */
  kill(): Promise<void>;
  /**
   * Sets an origin's (`http://localhost:8787`) permission to show notifications, as on Chromium's settings page. It lasts
   * as long as the profile. `block` ends the origin's push subscriptions, and the `allow` that follows gives its service
   * worker `pushsubscriptionchange`, with both subscriptions null.
   */
  setNotificationPermission(origin: string, permission: 'allow' | 'block'): Promise<void>;
}
