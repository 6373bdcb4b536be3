/** A push message that arrived, until the service has confirmed that it knows: until then each login names it. */
export interface UnconfirmedMessage {
  readonly persistentId: string;
  /** The agent's frame that acknowledged it on this connection. */
  acknowledgedBy: number | undefined;
}

/** Without `immediate_ack` Chromium acknowledges every tenth message (measured, 156). */
const ACKNOWLEDGED_AT_ONCE = 10;

/**
 * The stream ids of one connection. They are not on the wire: either side counts the frames of either direction,
 * LoginRequest and LoginResponse being the first, and acknowledges by the number of the last one it received.
 */
export class McsStream {
  /** Those of earlier connections come first: this one's LoginRequest acknowledges them. */
  readonly #unconfirmed: UnconfirmedMessage[];
  #received = 0;
  #sent = 0;
  #unacknowledged = 0;

  /** @param unconfirmed is changed as messages come and are confirmed */
  constructor(unconfirmed: UnconfirmedMessage[]) {
    this.#unconfirmed = unconfirmed;
    for (const message of unconfirmed) message.acknowledgedBy = undefined;
  }

  /** How many frames have arrived. */
  get lastStreamId(): number {
    return this.#received;
  }

  /** Every frame of the agent acknowledges all that has arrived. */
  countSent(): void {
    this.#sent += 1;
    this.#unacknowledged = 0;
    for (const message of this.#unconfirmed) message.acknowledgedBy ??= this.#sent;
  }

  /** @param lastStreamId how many of the agent's frames the service says have arrived */
  countReceived(lastStreamId: number): void {
    this.#received += 1;
    const isUnknown = ({ acknowledgedBy = Infinity }: UnconfirmedMessage): boolean => acknowledgedBy > lastStreamId;
    const firstUnknown = this.#unconfirmed.findIndex(isUnknown);
    this.#unconfirmed.splice(0, firstUnknown === -1 ? this.#unconfirmed.length : firstUnknown);
  }

  /** @returns whether an acknowledgement is due */
  addMessage(options: { readonly persistentId: string | undefined; readonly immediateAck: boolean }): boolean {
    const { persistentId, immediateAck } = options;
    if (persistentId !== undefined) this.#unconfirmed.push({ persistentId, acknowledgedBy: undefined });
    this.#unacknowledged += 1;
    return immediateAck || this.#unacknowledged === ACKNOWLEDGED_AT_ONCE;
  }
}
