import type { Uaid } from './identifiers.ts';
import type { PendingMessage } from './store/records.ts';

/** What became of a message at once; one that was handed over is acknowledged later, or comes again. */
export type Delivery = 'handed-over' | 'acknowledged' | 'not-connected';

/** One user agent's open connection, whatever its protocol. */
export interface AgentConnection {
  deliver(message: PendingMessage): Delivery;
  /** Ends the connection at once: the user agent has opened another. */
  displace(): void;
}

/** Who is connected now: the way from a posted message to its user agent. */
export class ConnectedAgents {
  readonly #connections = new Map<Uaid, AgentConnection>();

  /** The newest connection of a user agent is the only one; an earlier one can only be a dead one. */
  attach(uaid: Uaid, connection: AgentConnection): void {
    this.#connections.get(uaid)?.displace();
    this.#connections.set(uaid, connection);
  }

  detach(uaid: Uaid, connection: AgentConnection): void {
    if (this.#connections.get(uaid) === connection) this.#connections.delete(uaid);
  }

  /** Hands a message to its user agent, if that is connected. The message stays in the store until it is acknowledged. */
  deliver(uaid: Uaid, message: PendingMessage): Delivery {
    return this.#connections.get(uaid)?.deliver(message) ?? 'not-connected';
  }

  isConnected(uaid: Uaid): boolean {
    return this.#connections.has(uaid);
  }

  /** Ends a user agent's connection; it comes back by itself. */
  disconnect(uaid: Uaid): void {
    this.#connections.get(uaid)?.displace();
  }
}
