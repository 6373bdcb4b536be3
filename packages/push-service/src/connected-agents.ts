import type { Uaid } from './identifiers.ts';
import type { PendingMessage } from './store/records.ts';

/** One user agent's open connection, whatever its protocol. */
export interface AgentConnection {
  deliver(message: PendingMessage): void;
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

  /** Hands a message to a user agent that is connected; the message stays in the store until it is acknowledged. */
  deliver(uaid: Uaid, message: PendingMessage): void {
    this.#connections.get(uaid)?.deliver(message);
  }
}
