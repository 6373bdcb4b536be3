/** The time, and timers. A test passes its own and turns the hands itself. */
export interface Clock {
  /** ms since 1970. */
  now(): number;
  /** Calls back once, after `delayMs`; the function it answers cancels that. */
  after(delayMs: number, callback: () => void): () => void;
}
