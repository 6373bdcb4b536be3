import type { Clock, Logger } from '../effects.ts';

export interface UntilStored {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

const AFTER_FAILURE_MS = 5_000;

/**
 * Asks the store again and again while it fails: what push services have taken must not look as if nobody had sent it,
 * because a disk was full or a database away. Rejects where the signal ends it.
 */
export async function untilStored<Result>(
  ask: () => Promise<Result>,
  { clock, logger, signal }: UntilStored,
): Promise<Result> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      logger.error('The store failed in the middle of a broadcast; it is asked again', { error: String(error) });
      await pause(clock, signal);
    }
  }
}

function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const cancel = clock.after(AFTER_FAILURE_MS, resolve);
  const abort = (): void => {
    cancel();
    reject(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  return promise.finally(() => signal.removeEventListener('abort', abort));
}
