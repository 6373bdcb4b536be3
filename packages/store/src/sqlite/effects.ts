import { randomUUID } from 'node:crypto';

/** What the store takes from its surroundings, besides its files. */
export interface SqliteEffects {
  /** Milliseconds since some moment in the past; never set back. */
  elapsed(): number;
  /** Another each time. */
  randomId(): string;
  /** Calls back again and again; the function it returns ends that. */
  every(intervalMs: number, callback: () => void): () => void;
}

/** A thread cannot be given functions, so each makes its own. */
export const systemEffects: SqliteEffects = {
  elapsed: () => performance.now(),
  randomId: randomUUID,
  every(intervalMs, callback) {
    const timer = setInterval(callback, intervalMs);
    return () => clearInterval(timer);
  },
};
