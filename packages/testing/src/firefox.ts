import type { Browser } from './browser.ts';
import type { FirefoxNotification } from './browser-notification.ts';

/** A running Firefox. A notification without `requireInteraction` leaves the screen after 20 s. */
export interface Firefox extends Browser<FirefoxNotification> {
  /** Waits until the browser itself asks whether a site may show notifications. `timeoutMs`: 10_000 by default. */
  waitForPermissionPrompt(options?: { readonly timeoutMs?: number }): Promise<void>;
  /**
   * Waits for that question and presses one of its buttons, for tests of what comes before and after it. `timeoutMs`:
   * 10_000 by default.
   */
  answerPermissionPrompt(answer: 'allow' | 'block', options?: { readonly timeoutMs?: number }): Promise<void>;
  /** The browser's window with its toolbars, the front tab and the permission prompt, as PNG. */
  screenshot(): Promise<Uint8Array>;
}
