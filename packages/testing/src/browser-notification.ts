/** A notification as the browser shows it on the screen, whoever asked for it. */
export interface BrowserNotification {
  readonly title: string;
  readonly body: string;
  /** Whom the browser names as the sender: host and port, such as `localhost:8787`. */
  readonly origin: string;
  /** What its action buttons say, in their order. */
  readonly actions: readonly string[];
  /**
   * Clicks it: the service worker gets `notificationclick`, and `notificationclose` as it leaves the screen. Resolves
   * when it has left.
   *
   * @throws TestingError `notification-gone` when it was no longer shown; so do the others here
   */
  click(): Promise<void>;
  /** Closes it with its own button: the service worker gets `notificationclose`. */
  close(): Promise<void>;
  /**
   * Presses an action button, named by its position (from 0) or by what it says: the service worker gets
   * `notificationclick` with that action, and then all is as after a click.
   *
   * @throws TestingError `no-such-action`, `notification-gone`
   */
  action(which: number | string): Promise<void>;
}

/**
 * A notification that Firefox draws itself, without its action buttons: `action` does what pressing one would. What they
 * say is read from where Firefox keeps the notifications of service workers, by origin, title and body: of two that are
 * the same in these, the actions may be the other's.
 */
export interface FirefoxNotification extends BrowserNotification {
  /** Its picture, as PNG, two pixels for each CSS pixel. */
  screenshot(): Promise<Uint8Array>;
}

/**
 * A notification that Chromium hands to the desktop. A click or an action takes it from the screen, as on GNOME and KDE:
 * `notificationclose` follows `notificationclick` (measured, 156).
 */
export type ChromiumNotification = BrowserNotification;
