import type { AttemptResult, Store } from '@belfry/store';
import type { Clock, Logger } from '../effects.ts';
import { STORE_RETRY_MS } from '../limits.ts';

/** Records what came of attempts, if need be later: a full disk must not make an accepted message look unsent. */
export interface ResultRecorder {
  /** Resolves when the result is recorded, or when the store has failed and it waits for the store to recover. */
  record(result: AttemptResult): Promise<void>;
  /** Gives up what still waits; the next start takes those deliveries up again. */
  stop(): void;
}

export function createResultRecorder(options: {
  readonly store: Pick<Store, 'recordResults'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of each result that was recorded. */
  onRecorded(result: AttemptResult): void;
}): ResultRecorder {
  const { store, clock, logger, onRecorded } = options;
  let waiting: AttemptResult[] = [];
  let cancel: (() => void) | undefined;
  let stopped = false;

  return {
    record: (result) => recordAll([result]),
    stop() {
      stopped = true;
      cancel?.();
    },
  };

  async function recordAll(results: readonly AttemptResult[]): Promise<void> {
    try {
      await store.recordResults(results);
      results.forEach(onRecorded);
    } catch (error) {
      if (stopped) return;
      logger.error('What came of deliveries could not be recorded yet', {
        results: results.length,
        error: String(error),
      });
      waiting.push(...results);
      cancel ??= clock.after(STORE_RETRY_MS, recordWaiting);
    }
  }

  function recordWaiting(): void {
    const results = waiting;
    waiting = [];
    cancel = undefined;
    void recordAll(results);
  }
}
