/** A notification as the browser shows it on the screen, whoever asked for it. */
export interface BrowserNotification {
  readonly title: string;
  readonly body: string;
  /** Whom the browser names as the sender: host and port, such as `localhost:8787`. */
  readonly origin: string;
  /**
   * Clicks it: the service worker gets `notificationclick`. Resolves when it has left the screen.
   *
   * @throws TestingError `notification-gone` when it was no longer shown; so do the others here
   */
  click(): Promise<void>;
  /** Closes it with its own button: the service worker gets `notificationclose`. */
  close(): Promise<void>;
}

/** A notification that Firefox draws itself. */
export interface FirefoxNotification extends BrowserNotification {
  /** Its picture, as PNG, two pixels for each CSS pixel. */
  screenshot(): Promise<Uint8Array>;
}

/**
 * A notification that Chromium hands to the desktop. A click or an action takes it from the screen, as on GNOME and KDE,
 * and Chromium tells the service worker of both: `notificationclose` follows `notificationclick` (measured, 156).
 */
export interface ChromiumNotification extends BrowserNotification {
  /** What its action buttons say, in their order. */
  readonly actions: readonly string[];
  /**
   * Presses an action button, named by its position (from 0) or by what it says: the service worker gets
   * `notificationclick` with that action. Resolves when the notification has left the screen.
   *
   * @throws TestingError `no-such-action`, `notification-gone`
   */
  action(which: number | string): Promise<void>;
}
