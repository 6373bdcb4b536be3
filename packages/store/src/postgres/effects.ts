/** What the store takes from its surroundings, besides the network. */
export interface PostgresEffects {
  /** Calls back once, after `delayMs`; the function it answers cancels that. */
  after(delayMs: number, callback: () => void): () => void;
  /** Another each time. */
  randomId(): string;
}
