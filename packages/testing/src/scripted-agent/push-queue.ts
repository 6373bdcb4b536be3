import type { TestingError } from '../errors.ts';
import type { ReceivedPush } from './received-push.ts';

/** A push, or why there is none. */
export type PushOutcome = { readonly push: ReceivedPush } | { readonly error: TestingError };

/** What arrived and was not asked for yet, and who asked before it arrived; never both. */
export class PushQueue {
  readonly #arrived: PushOutcome[] = [];
  readonly #waiting = new Set<PromiseWithResolvers<ReceivedPush>>();

  add(outcome: PushOutcome): void {
    if (!this.offer(outcome)) this.#arrived.push(outcome);
  }

  /** Hands it to who asked first, if anybody did. */
  offer(outcome: PushOutcome): boolean {
    const [first] = this.#waiting;
    if (first === undefined) return false;
    this.#waiting.delete(first);
    settle(first, outcome);
    return true;
  }

  rejectAll(error: TestingError): void {
    for (const waiting of this.#waiting) waiting.reject(error);
    this.#waiting.clear();
  }

  /**
   * @param options.error what to reject with when nothing has arrived, instead of waiting
   * @throws what was added as an error; the signal's reason
   */
  next(options: {
    readonly signal?: AbortSignal | undefined;
    readonly error?: TestingError | undefined;
  }): Promise<ReceivedPush> {
    const { signal, error } = options;
    const asked = Promise.withResolvers<ReceivedPush>();
    const arrived = signal?.aborted ? undefined : this.#arrived.shift();
    if (signal?.aborted) asked.reject(signal.reason);
    else if (arrived !== undefined) settle(asked, arrived);
    else if (error !== undefined) asked.reject(error);
    else this.#wait(asked, signal);
    return asked.promise;
  }

  #wait(asked: PromiseWithResolvers<ReceivedPush>, signal: AbortSignal | undefined): void {
    this.#waiting.add(asked);
    if (signal === undefined) return;
    const abort = (): void => {
      this.#waiting.delete(asked);
      asked.reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    const forget = (): void => signal.removeEventListener('abort', abort);
    asked.promise.then(forget, forget);
  }
}

function settle(asked: PromiseWithResolvers<ReceivedPush>, outcome: PushOutcome): void {
  if ('push' in outcome) asked.resolve(outcome.push);
  else asked.reject(outcome.error);
}
