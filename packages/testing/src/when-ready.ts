import { TestingError } from './errors.ts';
import type { StartedBrowser } from './start-browser.ts';

export interface WhenReadyOptions<Browser> {
  readonly executablePath: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Takes the remote control of the process that was started. */
  readonly connect: (remoteUrl: string) => Promise<Browser>;
}

/**
 * The browser, once it can be driven. When that fails, nothing of it is left behind.
 *
 * @throws TestingError `browser-exited`, `launch-timeout`; the signal's reason
 */
export async function whenReady<Browser>(
  started: StartedBrowser,
  options: WhenReadyOptions<Browser>,
): Promise<Browser> {
  const { executablePath, timeoutMs, signal, connect } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  timeout.addEventListener('abort', started.kill);
  try {
    return await connect(await started.remoteUrl);
  } catch (error) {
    started.kill();
    await started.closed;
    signal?.throwIfAborted();
    if (!timeout.aborted) throw error;
    const message = `${executablePath} was not ready after ${timeoutMs} ms:\n${started.stderrTail()}`;
    throw new TestingError('launch-timeout', message, { cause: error });
  } finally {
    timeout.removeEventListener('abort', started.kill);
  }
}
