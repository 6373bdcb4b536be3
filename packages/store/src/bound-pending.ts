import { StoreError } from './errors.ts';

/**
 * How many proofs of devices wait at most. Each takes well under a millisecond, so the last of these waits for a fraction of a
 * second; more than these at once are a flood.
 */
export const MAX_PENDING_PROOFS = 200;

/** Calls `run`, except where `max` calls are pending: then it rejects at once, with `store-busy`. */
export function boundPending<Input, Output>(
  run: (input: Input) => Promise<Output>,
  max: number,
): (input: Input) => Promise<Output> {
  let pending = 0;
  return async (input) => {
    if (pending >= max) throw new StoreError('store-busy', `The store has ${max} calls of this kind waiting already`);
    pending++;
    try {
      return await run(input);
    } finally {
      pending--;
    }
  };
}
