import { setTimeout as sleep } from 'node:timers/promises';

// A clean quit takes less than a second; much later it hangs.
const quitTimeoutMs = 10_000;

export interface CloseBrowserOptions {
  /** Asks the browser to end. */
  readonly quit: () => Promise<unknown>;
  readonly kill: () => void;
  readonly closed: Promise<void>;
}

/** Ends a browser as a user does, or after 10 s the hard way. */
export async function closeBrowser({ quit, kill, closed }: CloseBrowserOptions): Promise<void> {
  const stopped = new AbortController();
  const killLater = sleep(quitTimeoutMs, undefined, { signal: stopped.signal }).then(kill, () => {});
  // It has ended already, or ends before it answers: what counts is that it ends.
  await quit().catch(() => {});
  await closed;
  stopped.abort();
  await killLater;
}
