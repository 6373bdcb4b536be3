import type { BrowserNotification } from './browser-notification.ts';
import type { Page } from './page.ts';

/** A running Firefox. After it has ended, every method rejects with TestingError `browser-exited`. */
export interface Firefox {
  /** Such as `153.7.0`. */
  readonly version: string;
  readonly profileDir: string;
  /** Lets an origin (`http://localhost:8787`) show notifications, as "Allow" would. It lasts as long as the profile. */
  grantNotifications(origin: string): Promise<void>;
  /** Waits until the browser itself asks whether a site may show notifications. `timeoutMs`: 10_000 by default. */
  waitForPermissionPrompt(options?: { readonly timeoutMs?: number }): Promise<void>;
  /**
   * Waits for that question and presses one of its buttons, for tests of what comes before and after it. `timeoutMs`:
   * 10_000 by default.
   */
  answerPermissionPrompt(answer: 'allow' | 'block', options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Opens a URL in a tab of its own, in front; resolves when the page has loaded. */
  open(url: string): Promise<Page>;
  /** The open tabs, the empty one that Firefox starts with included until `open` takes it. */
  pages(): Promise<Page[]>;
  /**
   * The first tab whose URL fits, once it has loaded: for the tab that a click on a notification opens. It may be open
   * already. `timeoutMs`: 10_000 by default.
   *
   * @throws TestingError `wait-timeout` with the URLs of the tabs there are
   */
  waitForPage(matches: (url: string) => boolean, options?: { readonly timeoutMs?: number }): Promise<Page>;
  /**
   * The notifications on the screen, oldest first, whatever the worker says of them. One without `requireInteraction`
   * leaves it after 20 s.
   */
  notifications(): Promise<BrowserNotification[]>;
  /**
   * Waits for a notification with this title and body (either may be left out). `timeoutMs`: 10_000 by default.
   *
   * @throws TestingError `wait-timeout` with what is on the screen instead
   */
  waitForNotification(options?: WaitForNotificationOptions): Promise<BrowserNotification>;
  /** The browser's window with its toolbars, the front tab and the permission prompt, as PNG. */
  screenshot(): Promise<Uint8Array>;
  /** Quits as a user does (about 0.4 s); kills the process when it has not ended in 10 s. Removes what the launch made. */
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
