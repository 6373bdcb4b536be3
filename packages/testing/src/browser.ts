import type { BrowserNotification } from './browser-notification.ts';
import type { Page } from './page.ts';

/**
 * A running browser, and what its notifications are like. After it has ended, every method rejects with TestingError
 * `browser-exited`. `timeoutMs` is 10_000 by default, and 30_000 in Chromium, whose first `pushManager.subscribe()` takes
 * 2.5 s, or 8 s on a busy machine.
 */
export interface Browser<Notification extends BrowserNotification = BrowserNotification> {
  /** Such as `153.7.0` or `156.0.8078.79`. */
  readonly version: string;
  readonly profileDir: string;
  /** Lets an origin (`http://localhost:8787`) show notifications, as "Allow" would. It lasts as long as the profile. */
  grantNotifications(origin: string): Promise<void>;
  /** Deletes all cookies of an origin (`http://localhost:8787`), which are those of its host: cookies know no ports. */
  clearCookies(origin: string): Promise<void>;
  /**
   * Opens a URL in a tab of its own, in front and with the focus; resolves when the page has loaded. With `window` it has
   * a window of its own, and the front tabs of the others stay visible.
   */
  open(url: string, options?: { readonly window?: boolean }): Promise<Page>;
  /** The open tabs, the empty one that the browser starts with included until `open` takes it. */
  pages(): Promise<Page[]>;
  /**
   * The first tab whose URL fits, once it has loaded: for the tab that a click on a notification opens. It may be open
   * already.
   *
   * @throws TestingError `wait-timeout` with the URLs of the tabs there are
   */
  waitForPage(matches: (url: string) => boolean, options?: { readonly timeoutMs?: number }): Promise<Page>;
  /** The notifications on the screen, oldest first, whatever the worker says of them. */
  notifications(): Promise<Notification[]>;
  /**
   * Waits for a notification with this title and body (either may be left out).
   *
   * @throws TestingError `wait-timeout` with what is on the screen instead
   */
  waitForNotification(options?: WaitForNotificationOptions): Promise<Notification>;
  /**
   * Quits as a user does (less than a second); kills the process when it has not ended in 10 s. Removes what the launch
   * made.
   */
  close(): Promise<void>;
  /** Ends the process at once, for tests of what survives a crash. Removes what the launch made. */
  kill(): Promise<void>;
  /** Resolves when the browser has ended for whatever reason, such as its window closed, and its folders are removed. */
  readonly closed: Promise<void>;
}

export interface WaitForNotificationOptions {
  readonly title?: string;
  readonly body?: string;
  readonly timeoutMs?: number;
}
