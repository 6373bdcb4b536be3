/** What came of one message, as the push service saw it. */
export interface MessageCounts {
  /** Subscriptions that do not have it. */
  readonly missed: number;
  /** Copies beyond the first of each subscription. */
  readonly duplicates: number;
  /** Pushes that were taken and whose answer did not arrive. */
  readonly ambiguous: number;
  /** Pushes, faults included. */
  readonly arrived: number;
}

interface Message {
  /** By subscription; a hundred copies would be a fault that 255 tells as well. */
  readonly copies: Uint8Array;
  readonly attempts: Uint8Array;
  arrived: number;
  ambiguous: number;
  waiting: readonly { readonly pushes: number; reached(): void }[];
}

/** Counts pushes by subscription and message. */
export class PushCounts {
  readonly #subscriptions: number;
  readonly #messages = new Map<number, Message>();

  constructor(subscriptions: number) {
    this.#subscriptions = subscriptions;
  }

  /** @returns how many attempts of this message at this subscription came before */
  arrived(number: number, subscription: number): number {
    const message = this.#message(number);
    message.arrived += 1;
    for (const { pushes, reached } of message.waiting) if (pushes <= message.arrived) reached();
    message.waiting = message.waiting.filter(({ pushes }) => pushes > message.arrived);
    const attempt = message.attempts[subscription] ?? 0;
    message.attempts[subscription] = attempt + 1;
    return attempt;
  }

  taken(number: number, subscription: number): void {
    const { copies } = this.#message(number);
    copies[subscription] = Math.min((copies[subscription] ?? 0) + 1, 255);
  }

  /** Its answer did not arrive. */
  ambiguous(number: number): void {
    this.#message(number).ambiguous += 1;
  }

  /** Resolves when so many pushes of a message have arrived. */
  reached(number: number, pushes: number): Promise<void> {
    const message = this.#message(number);
    if (message.arrived >= pushes) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    message.waiting = [...message.waiting, { pushes, reached: resolve }];
    return promise;
  }

  of(number: number): MessageCounts {
    const { copies, arrived, ambiguous } = this.#message(number);
    let missed = 0;
    let duplicates = 0;
    for (const count of copies) {
      if (count === 0) missed += 1;
      else duplicates += count - 1;
    }
    return { missed, duplicates, ambiguous, arrived };
  }

  #message(number: number): Message {
    const known = this.#messages.get(number);
    if (known !== undefined) return known;
    const size = this.#subscriptions;
    const message = {
      copies: new Uint8Array(size),
      attempts: new Uint8Array(size),
      arrived: 0,
      ambiguous: 0,
      waiting: [],
    };
    this.#messages.set(number, message);
    return message;
  }
}
