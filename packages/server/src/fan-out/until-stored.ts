import type { Clock, Logger } from '../effects.ts';
import { STORE_RETRY_MS } from '../limits.ts';
import { pause } from './pause.ts';

export interface UntilStored {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

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
      await pause(STORE_RETRY_MS, { clock, signal });
    }
  }
}
