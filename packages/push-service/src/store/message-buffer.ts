import type { ChannelId, EndpointToken, MessageId, Uaid } from '../identifiers.ts';
import type { NewMessage } from './records.ts';

/** Whose acknowledgement ends a message. */
export interface MessageReceiver {
  readonly uaid: Uaid;
  readonly channelId: ChannelId;
}

export interface BufferedMessage {
  readonly message: NewMessage;
  readonly receiver: MessageReceiver;
}

export interface MessageBufferOptions {
  /** Writes messages; resolves when they would survive a power cut. */
  readonly write: (messages: readonly NewMessage[]) => Promise<void>;
  /** Calls back within milliseconds. */
  readonly later: (callback: () => void) => void;
}

/**
 * Messages of the last few milliseconds. They are written together, and what a connected user agent acknowledges before
 * that is never written.
 */
export class MessageBuffer {
  readonly #options: MessageBufferOptions;
  readonly #waiting = new Map<MessageId, BufferedMessage & { readonly settled: PromiseWithResolvers<void> }>();

  constructor(options: MessageBufferOptions) {
    this.#options = options;
  }

  /** Resolves when the message is either acknowledged or on the disk: from then on no crash takes it back. */
  add(buffered: BufferedMessage): Promise<void> {
    if (this.#waiting.size === 0) this.#options.later(() => this.flush());
    const settled = Promise.withResolvers<void>();
    this.#waiting.set(buffered.message.id, { ...buffered, settled });
    return settled.promise;
  }

  /** Ends a message that its own user agent has answered for; false where it is not here, or another's. */
  acknowledge(id: MessageId, { uaid, channelId }: MessageReceiver): boolean {
    const waiting = this.#waiting.get(id);
    if (waiting?.receiver.uaid !== uaid || waiting.receiver.channelId !== channelId) return false;
    this.#waiting.delete(id);
    waiting.settled.resolve();
    return true;
  }

  /** How many are here of a subscription. */
  count(token: EndpointToken): number {
    let count = 0;
    for (const { message } of this.#waiting.values()) if (message.token === token) count += 1;
    return count;
  }

  /** Writes what is here, so that the database has all. What fails is told to those who wait for it. */
  flush(): void {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#options.write(waiting.map(({ message }) => message)).then(
      () => waiting.forEach(({ settled }) => settled.resolve()),
      (error: unknown) => waiting.forEach(({ settled }) => settled.reject(error)),
    );
  }
}
