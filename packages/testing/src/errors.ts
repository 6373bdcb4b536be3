/**
 * What went wrong, as a stable code:
 * - `browser-not-found`: no browser, or no dbus-daemon for Chromium's notifications, in the usual places; the message
 *   holds the command that installs it.
 * - `browser-install-failed`: the package manager was tried and failed; its output is on stderr.
 * - `browser-exited`: the browser's process or its connection ended while it was needed.
 * - `launch-timeout`: the browser did not become ready in `timeoutMs`.
 * - `protocol-error`: the browser refused a command of its remote protocol (WebDriver BiDi, or the Chrome DevTools
 *   Protocol), or answered in an unknown shape.
 * - `page-error`: a function evaluated in the page threw.
 * - `page-left`: the page navigated away while a function evaluated in it was pending, or its tab is closed.
 * - `wait-timeout`: what was waited for did not happen in `timeoutMs`.
 * - `notification-gone`: the notification was no longer on the screen.
 * - `no-such-action`: the notification has no such action button; the message names those it has.
 * - `notifications-unreadable`: Chromium's notifications can be read and clicked on Linux only.
 *
 * Of a scripted agent:
 * - `push-service-unreachable`: no push service that speaks the agent's protocol answered; its error is the `cause`.
 * - `registration-refused`: the push service did not take the subscription; the message holds its answer.
 * - `disconnected`: the connection ended, or there is none; `connect()` makes a new one.
 * - `unreadable-frame`: the push service sent what is not the agent's protocol; the agent closed the connection.
 * - `undecryptable-push`: a push came that this subscription's keys do not open, or that is not aes128gcm.
 * - `not-subscribed`: the agent has had no subscription yet.
 * - `agent-closed`: `close()` was called, which no `connect()` takes back.
 */
export type TestingErrorCode =
  | 'browser-not-found'
  | 'browser-install-failed'
  | 'browser-exited'
  | 'launch-timeout'
  | 'protocol-error'
  | 'page-error'
  | 'page-left'
  | 'wait-timeout'
  | 'notification-gone'
  | 'no-such-action'
  | 'notifications-unreadable'
  | 'push-service-unreachable'
  | 'registration-refused'
  | 'disconnected'
  | 'unreadable-frame'
  | 'undecryptable-push'
  | 'not-subscribed'
  | 'agent-closed';

export interface TestingErrorOptions {
  readonly cause?: unknown;
  /** The remote protocol's own error: WebDriver BiDi's code, such as `no such node`, or CDP's message. */
  readonly protocolError?: string;
}

/** The only error that this package throws. Switch on `code`. */
export class TestingError extends Error {
  override readonly name = 'TestingError';
  readonly code: TestingErrorCode;
  /** What the browser itself answered: WebDriver BiDi's error code, such as `no such node`, or CDP's message. */
  readonly protocolError: string | undefined;

  constructor(code: TestingErrorCode, message: string, options: TestingErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.protocolError = options.protocolError;
  }
}
