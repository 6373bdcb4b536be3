import type { ChannelId, MessageId } from '../identifiers.ts';

/** A push message that was sent on this connection. */
export interface SentMessage {
  readonly channelId: ChannelId;
  readonly id: MessageId;
}

/**
 * The stream ids of a connection that is logged in. They are not on the wire: either side counts the frames of either
 * direction, LoginRequest and LoginResponse being the first, and acknowledges by the number of the last one it received.
 */
export class McsStream {
  #received = 1;
  #sent = 1;
  readonly #unacknowledged = new Map<number, SentMessage>();

  /** How many frames the client has sent. */
  get lastStreamId(): number {
    return this.#received;
  }

  countReceived(): void {
    this.#received += 1;
  }

  countSent(message?: SentMessage): void {
    this.#sent += 1;
    if (message !== undefined) this.#unacknowledged.set(this.#sent, { channelId: message.channelId, id: message.id });
  }

  /** The messages up to `lastStreamId`, each once. */
  *takeAcknowledged(lastStreamId: number): Generator<SentMessage, void> {
    // In the order of their stream ids, which is that of their insertion.
    for (const [streamId, message] of this.#unacknowledged) {
      if (streamId > lastStreamId) return;
      this.#unacknowledged.delete(streamId);
      yield message;
    }
  }
}
