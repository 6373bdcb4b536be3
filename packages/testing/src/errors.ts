/**
 * What went wrong, as a stable code:
 * - `browser-not-found`: no browser in the usual places; the message holds the command that installs one.
 * - `browser-install-failed`: the package manager was tried and failed; its output is on stderr.
 * - `browser-exited`: the browser's process or its connection ended while it was needed.
 * - `launch-timeout`: the browser did not become ready in `timeoutMs`.
 * - `bidi-error`: the browser refused a WebDriver BiDi command, or answered in an unknown shape.
 * - `page-error`: a function evaluated in the page threw.
 * - `page-left`: the page navigated away while a function evaluated in it was pending.
 * - `wait-timeout`: what was waited for did not happen in `timeoutMs`.
 * - `notification-gone`: the notification was no longer on the screen.
 */
export type TestingErrorCode =
  | 'browser-not-found'
  | 'browser-install-failed'
  | 'browser-exited'
  | 'launch-timeout'
  | 'bidi-error'
  | 'page-error'
  | 'page-left'
  | 'wait-timeout'
  | 'notification-gone';

export interface TestingErrorOptions {
  readonly cause?: unknown;
  /** The error code of WebDriver BiDi, such as `no such node`. */
  readonly bidiError?: string;
}

/** The only error this package throws. Switch on `code`. */
export class TestingError extends Error {
  override readonly name = 'TestingError';
  readonly code: TestingErrorCode;
  /** With `bidi-error`: the error code that the browser answered, such as `no such node`. */
  readonly bidiError: string | undefined;

  constructor(code: TestingErrorCode, message: string, options: TestingErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.bidiError = options.bidiError;
  }
}
