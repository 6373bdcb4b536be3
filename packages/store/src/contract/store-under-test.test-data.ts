import type { OpenStore } from '../store.ts';

export interface StoreUnderTest {
  readonly name: string;
  /** Several processes may have such a store open at once, so what one of them leased comes back when the lease ends. */
  readonly sharesLeases: boolean;
  /** Makes room for a store of its own; the function it answers opens that store, again and again. */
  create(): Promise<StoreRoom>;
}

export interface StoreRoom {
  readonly open: OpenStore;
  readonly writer: WriterProcess;
  /** Stops the store's own clock at this time, where it has one. */
  setClock?(now: number): Promise<void>;
  remove(): Promise<void>;
}

/** A program that opens the store and saves devices without end, printing each public id once its promise resolved. */
export interface WriterProcess {
  readonly program: URL;
  readonly args: readonly string[];
}
