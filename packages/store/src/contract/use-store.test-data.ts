import { afterEach, beforeEach } from 'vitest';
import type { Store } from '../store.ts';
import type { StoreRoom, StoreUnderTest } from './store-under-test.test-data.ts';

export interface UsedStore {
  /** The store of the test that runs. */
  readonly store: Store;
  readonly room: StoreRoom;
  /** Stops the store's own clock at this time; without one, the store goes by the times that it is given. */
  setClock(now: number): Promise<void>;
  /** Closes the store and opens it again; meanwhile, `whileClosed` has it. */
  reopen(whileClosed?: () => Promise<void>): Promise<void>;
}

/** Gives each test of the enclosing `describe` an empty store, open. */
export function useStore(engine: StoreUnderTest): UsedStore {
  let room: StoreRoom | undefined;
  let store: Store | undefined;

  beforeEach(async () => {
    room = await engine.create();
    store = await room.open();
  });
  afterEach(async () => {
    await store?.close();
    await room?.remove();
  });

  return {
    get store() {
      return there(store);
    },
    get room() {
      return there(room);
    },
    async setClock(now) {
      await there(room).setClock?.(now);
    },
    async reopen(whileClosed) {
      await there(store).close();
      await whileClosed?.();
      store = await there(room).open();
    },
  };
}

function there<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a store is there only while a test runs');
  return value;
}
