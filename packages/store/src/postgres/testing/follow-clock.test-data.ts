import type { Store } from '../../store.ts';

/**
 * The same store, whose own clock is set to the `now` of each call that says what is due, before the call. So a test of the contract
 * that gives times sees the same on each engine.
 */
export function followClock(store: Store, setClock: (now: number) => Promise<void>): Store {
  function following<Request extends { readonly now: number }, Result>(call: (request: Request) => Promise<Result>) {
    return async (request: Request): Promise<Result> => {
      await setClock(request.now);
      return call(request);
    };
  }
  return {
    ...store,
    enqueueMessage: following(store.enqueueMessage),
    messagesToPlan: following(store.messagesToPlan),
    planMessage: following(store.planMessage),
    leaseChunks: following(store.leaseChunks),
    commitPage: following(store.commitPage),
    takeDue: following(store.takeDue),
    async recordResults(results) {
      const [first] = results;
      if (first !== undefined) await setClock(first.now);
      await store.recordResults(results);
    },
  };
}
