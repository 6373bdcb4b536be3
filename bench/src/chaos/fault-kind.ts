import type { Engine, StoreLocation } from '../store/store-location.ts';
import type { Senders } from './senders.ts';

/** What a fault may use. */
export interface FaultContext {
  readonly store: StoreLocation;
  readonly senders: Senders;
  /** Picks one of the senders. */
  readonly sender: number;
  /** How long a lease is, by the world's clock. */
  readonly leaseMs: number;
}

/** Something that happens to a sender or its store during a broadcast, besides kills. */
export interface FaultKind {
  /** For lines of progress, such as 'the file replaced'. */
  readonly words: string;
  readonly engines: readonly Engine[];
  /**
   * Makes the fault, and ends it.
   *
   * @returns how many devices a sender had under way that may get the message twice
   * @throws Error where the store or the sender did not do what it must
   */
  inject(context: FaultContext): Promise<number>;
}
