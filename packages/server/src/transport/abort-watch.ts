/**
 * Watches one signal for many requests with a single listener: an AbortSignal walks its whole list at each
 * `addEventListener`, so that the thousandth request in flight would pay for the other 999.
 */
export class AbortWatch {
  readonly #watched = new WeakMap<AbortSignal, Set<() => void>>();

  /** @returns what ends the watch */
  add(signal: AbortSignal, callback: () => void): () => void {
    const callbacks = this.#watched.get(signal) ?? this.#watch(signal);
    callbacks.add(callback);
    return () => callbacks.delete(callback);
  }

  /** As `promise` does, but rejects with the signal's reason as soon as that aborts: for what heeds no signal itself. */
  async race<Result>(signal: AbortSignal, promise: Promise<Result>): Promise<Result> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const stopWatching = this.add(signal, () => reject(signal.reason));
    try {
      return await Promise.race([promise, aborted]);
    } finally {
      stopWatching();
    }
  }

  #watch(signal: AbortSignal): Set<() => void> {
    const callbacks = new Set<() => void>();
    this.#watched.set(signal, callbacks);
    signal.addEventListener('abort', () => [...callbacks].forEach((callback) => callback()), { once: true });
    return callbacks;
  }
}
