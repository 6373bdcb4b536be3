import { StoreError } from '@belfry/store';
import type { Logger } from './effects.ts';
import { BelfryError } from './errors.ts';

/** Knows whether the store can still be used. A store that cannot never can again: the process must be started again. */
export interface StoreWatch {
  /** For `StoreEffects`: logs the fault. */
  onFault(fault: StoreError): void;
  /** Calls back once, when the store cannot be used any more. */
  onUnusable(listener: () => void): void;
  /** The error of each call and request from then on. */
  unusable(): BelfryError | undefined;
}

export function watchStore(logger: Logger): StoreWatch {
  let final: StoreError | undefined;
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    onFault(fault) {
      logger.error('The store has a fault', { fault: fault.code, error: fault.message });
      if (unusableStore(fault) === undefined) return;
      final ??= fault;
      resolve();
    },
    onUnusable: (listener) => void promise.then(listener),
    unusable: () => unusableStore(final),
  };
}

/** The error of a call or request that failed since the store cannot be used any more; undefined for any other failure. */
export function unusableStore(error: unknown): BelfryError | undefined {
  if (!(error instanceof StoreError)) return undefined;
  switch (error.code) {
    case 'store-newer':
      return new BelfryError(
        'store-newer',
        'A newer version of Belfry has changed the store, so this process takes no more work: ask one of the newer version',
        { cause: error },
      );
    case 'store-replaced':
      return new BelfryError(
        'store-replaced',
        'The store of this process was replaced, so it takes no more work until it is started again',
        { cause: error },
      );
    case 'store-in-use':
    case 'store-closed':
    case 'store-busy':
    case 'store-failed':
      return undefined;
  }
}
