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
  /** Its picture, as PNG, two pixels for each CSS pixel. */
  screenshot(): Promise<Uint8Array>;
}
