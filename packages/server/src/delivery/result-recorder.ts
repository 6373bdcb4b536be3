import type { AttemptResult, MessageSeq, Store } from '@belfry/store';
import type { Clock, Logger } from '../effects.ts';
import { MAX_RECORDINGS, MAX_RESULTS_PER_RECORDING, STORE_RETRY_MS } from '../limits.ts';

/** Records what came of attempts, if need be later: a full disk must not make an accepted message look unsent. */
export interface ResultRecorder {
  /** Resolves when the result is recorded, or when the store has failed and it waits for the store to recover. */
  record(result: AttemptResult): Promise<void>;
  /** Gives up what still waits; the next start takes those deliveries up again. */
  stop(): void;
}

interface Waiting {
  readonly result: AttemptResult;
  /** The result is recorded, or the store has failed. */
  done(): void;
}

/**
 * Gathers results while a few calls of the store are under way. The results of one message lock its row, so calls for one
 * message would wait for each other, each with a connection: 50 devices of one user took all ten of PostgreSQL's.
 */
export function createResultRecorder(options: {
  readonly store: Pick<Store, 'recordResults'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of each result that was recorded. */
  onRecorded(result: AttemptResult): void;
}): ResultRecorder {
  const { store, clock, logger, onRecorded } = options;
  /** By message; the one that has waited longest is first. */
  const waiting = new Map<MessageSeq, Waiting[]>();
  /** The messages of the calls that are under way: each is in one call at most. */
  const underWay = new Set<MessageSeq>();
  let calls = 0;
  /** What the store has failed to take. */
  let failed: AttemptResult[] = [];
  let cancel: (() => void) | undefined;
  let isStopped = false;

  return {
    record(result) {
      const { promise, resolve } = Promise.withResolvers<void>();
      add({ result, done: resolve });
      startCalls();
      return promise;
    },
    stop() {
      isStopped = true;
      cancel?.();
    },
  };

  function add(one: Waiting): void {
    const { seq } = one.result;
    const ofMessage = waiting.get(seq);
    if (ofMessage === undefined) waiting.set(seq, [one]);
    else ofMessage.push(one);
  }

  function startCalls(): void {
    while (calls < MAX_RECORDINGS) {
      const batch = takeBatch();
      if (batch.length === 0) return;
      void recordBatch(batch);
    }
  }

  function takeBatch(): readonly Waiting[] {
    const batch: Waiting[] = [];
    for (const [seq, ofMessage] of waiting) {
      if (underWay.has(seq)) continue;
      batch.push(...ofMessage.splice(0, MAX_RESULTS_PER_RECORDING - batch.length));
      waiting.delete(seq);
      // What is left of it waits behind the other messages.
      if (ofMessage.length > 0) waiting.set(seq, ofMessage);
      if (batch.length === MAX_RESULTS_PER_RECORDING) break;
    }
    return batch;
  }

  async function recordBatch(batch: readonly Waiting[]): Promise<void> {
    const results = batch.map(({ result }) => result);
    const seqs = new Set(results.map(({ seq }) => seq));
    for (const seq of seqs) underWay.add(seq);
    calls++;
    try {
      await store.recordResults(results);
      results.forEach(onRecorded);
    } catch (error) {
      if (!isStopped) retryLater(results, error);
    } finally {
      for (const seq of seqs) underWay.delete(seq);
      calls--;
      startCalls();
      for (const { done } of batch) done();
    }
  }

  function retryLater(results: readonly AttemptResult[], error: unknown): void {
    logger.error('What came of deliveries could not be recorded yet', {
      results: results.length,
      error: String(error),
    });
    failed.push(...results);
    cancel ??= clock.after(STORE_RETRY_MS, recordFailed);
  }

  function recordFailed(): void {
    cancel = undefined;
    const results = failed;
    failed = [];
    for (const result of results) add({ result, done() {} });
    startCalls();
  }
}
