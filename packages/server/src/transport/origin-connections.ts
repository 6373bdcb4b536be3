import type { Clock } from '../effects.ts';
import {
  CONNECT_TIMEOUT_MS,
  IDLE_SESSION_MS,
  MAX_HTTP1_CONNECTIONS_PER_ORIGIN,
  MAX_HTTP2_SESSIONS_PER_ORIGIN,
  REQUEST_TIMEOUT_MS,
} from '../limits.ts';
import type { Connection, ConnectionResult } from './connection.ts';
import type { EnderDevice } from './connection-enders.ts';
import { ConnectionUsers } from './connection-users.ts';
import { watchForFlood } from './flood-watch.ts';
import { isForSuspects, type Lane, SUSPECT_CONNECTIONS, usersPerConnection } from './lanes.ts';
import { NoFurther } from './no-further.ts';
import { ConnectTimeoutError, type OpenOptions } from './open-connection.ts';
import type { WantedConnections } from './wanted-connections.ts';

export interface OriginConnectionsOptions {
  readonly clock: Clock;
  open(options: OpenOptions): Promise<Connection>;
  /** There is room on a connection, or one has ended. */
  onChange(): void;
  /** An attempt to connect has failed, with this, and no connection is up. */
  onFailed(error: unknown): void;
  /** These devices, or others that have no response, may be the cause of the end of a connection. There are so many in all. */
  onSuspects(devices: readonly EnderDevice[], suspects: number): void;
  /**
   * A connection was ended for a flood while no request waited for a response.
   *
   * @param only the user of all requests that it had; undefined where there are several
   */
  onIdleFlood(only: number | undefined): void;
}

type Attempt = Omit<WantedConnections, 'requests' | 'inLane'>;

interface MissingConnections {
  readonly missing: number;
  /** How many there may be in addition. */
  readonly room: number;
  readonly beside: readonly (readonly [Connection, Use])[];
}

/** After SETTINGS that let no stream in, nghttp2 keeps back what it was given just before, without an end. */
const NO_STREAMS_MS = 5_000;

/** A request that has waited so long for a connection of its lane shares those of other lanes. */
const OWN_CONNECTION_MS = 1_000;

interface Opening {
  readonly lane: Lane;
  readonly sinceMs: number;
}

interface Use {
  readonly lane: Lane;
  readonly users: ConnectionUsers;
  /** When it was last given out, by `Clock.elapsed`. */
  usedAtMs: number;
}

/**
 * The connections to one origin: as few as there can be over HTTP/2, as many as there are requests over HTTP/1.1.
 *
 * Over HTTP/2 each lane has its own, unless the server lets no further connection in, or not within a second.
 */
export class OriginConnections {
  readonly #options: OriginConnectionsOptions;
  /** Also those that take no more, until they have ended. */
  readonly #connections = new Map<Connection, Use>();
  readonly #opening = new Map<AbortController, Opening>();
  /** Stops the timers of those that close. */
  readonly #endings = new Map<Connection, () => void>();
  readonly #watches = new Map<Connection, () => void>();
  /** What the origin was last heard to speak. */
  #protocol: Connection['protocol'] = 'h2';
  readonly #noFurther = new NoFurther();

  constructor(options: OriginConnectionsOptions) {
    this.#options = options;
  }

  /** How many requests could be in flight over all connections that there may be, as far as one has said. */
  get ceiling(): number {
    // Of the largest: a service that let one stream in on one connection would have held all the others to four requests.
    let largest = 0;
    for (const { isOpen, capacity } of this.#connections.keys()) if (isOpen) largest = Math.max(largest, capacity);
    return largest === 0 ? Number.POSITIVE_INFINITY : largest * this.#most;
  }

  /** Some connection takes requests, or will when those that it has are answered. */
  get isUp(): boolean {
    // Asked for each message: no copy of the set.
    for (const { isOpen } of this.#connections.keys()) if (isOpen) return true;
    return false;
  }

  /** Nothing is up, nor about to be. */
  get isEmpty(): boolean {
    this.#forgetEnded();
    return this.#connections.size === 0 && this.#opening.size === 0;
  }

  get #most(): number {
    return this.#protocol === 'h2' ? MAX_HTTP2_SESSIONS_PER_ORIGIN : MAX_HTTP1_CONNECTIONS_PER_ORIGIN;
  }

  /** It gets a request. */
  begin(connection: Connection, device: Omit<EnderDevice, 'userId'> & { readonly userId: number | undefined }): void {
    this.#connections.get(connection)?.users.add(device, this.#options.clock.elapsed());
  }

  /** A connection may have ended because of an earlier request, which has its response. Its user is found out with the others. */
  judge(connection: Connection, result: ConnectionResult): ConnectionResult {
    const use = this.#connections.get(connection);
    if (result.kind !== 'broken' || !result.isOfConnection || use === undefined) return result;
    const lately = use.users.takeSuspects(this.#options.clock.elapsed());
    const suspects = Math.max(result.suspects, lately.suspects);
    if (suspects > 1) this.#options.onSuspects(lately.devices, suspects);
    return { ...result, suspects };
  }

  /** A request was given back unprocessed for the second time. Where its connection has ended, any request on that may be the cause. */
  gaveBackAgain(connection: Connection): void {
    const use = this.#connections.get(connection);
    if (use === undefined || connection.isOpen) return;
    const { devices, suspects } = use.users.takeSuspects(this.#options.clock.elapsed());
    if (suspects > 1) this.#options.onSuspects(devices, suspects);
  }

  /** One with room for a request, which had no more users than its lane allows. */
  free({ lane, userId }: { readonly lane: Lane; readonly userId: number | undefined }): Connection | undefined {
    const nowMs = this.#options.clock.elapsed();
    const isSeparating = this.#isSeparating(lane, nowMs);
    const mostUsers = usersPerConnection(lane);
    for (const [connection, use] of this.#connections) {
      if (!connection.isOpen || connection.active >= connection.capacity) continue;
      // A firewall may have dropped it in silence, while others of this origin were in use.
      if (connection.active === 0 && nowMs - use.usedAtMs >= IDLE_SESSION_MS) {
        this.retire(connection);
        continue;
      }
      if (isSeparating && !use.users.isFreeFor(userId, mostUsers)) continue;
      if (isSeparating && this.#protocol === 'h2' && use.lane !== lane) continue;
      use.usedAtMs = nowMs;
      return connection;
    }
    return undefined;
  }

  #isSeparating(lane: Lane, nowMs: number): boolean {
    if (this.#noFurther.holds(nowMs)) return false;
    for (const opening of this.#opening.values()) {
      const isForLane = this.#protocol === 'http/1.1' || opening.lane === lane;
      if (isForLane && nowMs - opening.sinceMs >= OWN_CONNECTION_MS) return false;
    }
    return true;
  }

  /** Opens what requests need that found no room. */
  open({ requests, inLane, ...attempt }: WantedConnections): void {
    this.#forgetEnded();
    const open = [...this.#connections].filter(([{ isOpen }]) => isOpen);
    // What the server does not let in beside others is not asked for at once again.
    const hasOthers = open.length + this.#opening.size > 0;
    if (hasOthers && this.#noFurther.holds(this.#options.clock.elapsed())) return;
    if (this.#protocol === 'http/1.1') {
      const wanted = isForSuspects(attempt.lane) ? Math.min(requests, inLane) : requests;
      const missing = wanted - this.#opening.size;
      return this.#openAll(attempt, { missing, room: this.#most - open.length - this.#opening.size, beside: open });
    }
    const ofLane = open.filter(([, { lane }]) => lane === attempt.lane);
    const opening = [...this.#opening.values()].filter(({ lane }) => lane === attempt.lane).length;
    if (isForSuspects(attempt.lane)) {
      const missing = Math.ceil(inLane / usersPerConnection(attempt.lane)) - opening;
      return this.#openAll(attempt, { missing, room: SUSPECT_CONNECTIONS - ofLane.length - opening, beside: ofLane });
    }
    // One connection may be enough for all. Each lane may have one in any case.
    const hasRoom = open.filter(([, use]) => !isForSuspects(use.lane)).length < this.#most || ofLane.length === 0;
    if (hasRoom && opening === 0) void this.#open(attempt);
  }

  /** Opens those that are missing. Where there is no room, idle ones end for them: each had too many users for what found none. */
  #openAll(attempt: Attempt, { missing, room, beside }: MissingConnections): void {
    const idle = beside.filter(([{ active }]) => active === 0).slice(0, Math.max(0, missing - room));
    for (const [connection] of idle) this.#discard(connection);
    for (let n = 0; n < Math.min(missing, room + idle.length); n += 1) void this.#open(attempt);
  }

  #discard(connection: Connection): void {
    this.#connections.delete(connection);
    this.#stopTimers(connection);
    connection.destroy();
  }

  async #open({ timeoutMs, isProven, lane }: Attempt): Promise<void> {
    const attempt = new AbortController();
    const { clock, open, onFailed, onChange } = this.#options;
    this.#opening.set(attempt, { lane, sinceMs: clock.elapsed() });
    const stopTimers = [
      clock.after(timeoutMs, () => attempt.abort(new ConnectTimeoutError())),
      clock.after(OWN_CONNECTION_MS, onChange),
    ];
    try {
      const connection = await open({
        signal: attempt.signal,
        isProven,
        onChange: (changed) => this.#changed(changed),
      });
      // It was ended in the very turn in which it was up.
      if (attempt.signal.aborted) return connection.destroy();
      if (this.isUp) this.#noFurther.letIn();
      this.#connections.set(connection, { lane, users: new ConnectionUsers(), usedAtMs: clock.elapsed() });
      this.#watches.set(connection, watchForFlood(connection, { clock, onFlood: () => this.#endFlood(connection) }));
      this.#protocol = connection.protocol;
      if (!connection.isOpen) this.#changed(connection);
    } catch (error) {
      // Where `close` or `destroy` ended it, nobody waits for it.
      if (!this.#opening.has(attempt)) return;
      const isBesideOthers = this.isUp || (this.#protocol === 'h2' && this.#opening.size > 1);
      if (isBesideOthers) this.#noFurther.refused(clock.elapsed());
      else onFailed(attempt.signal.aborted ? attempt.signal.reason : error);
    } finally {
      for (const stopTimer of stopTimers) stopTimer();
      if (this.#opening.delete(attempt)) this.#options.onChange();
    }
  }

  /** A connection that ends at once, before it takes any request, is none: its server would be connected to again and again. */
  #changed(connection: Connection): void {
    const nowMs = this.#options.clock.elapsed();
    const use = this.#connections.get(connection);
    const isNew = use !== undefined && nowMs - use.usedAtMs < CONNECT_TIMEOUT_MS;
    if (isNew && !connection.isOpen && connection.requests === 0 && !this.#endings.has(connection)) {
      this.retire(connection);
      if (this.isUp) this.#noFurther.refused(nowMs);
      else this.#options.onFailed(new Error('The connection ended before it took a request'));
    }
    if (use !== undefined && connection.capacity === 0) this.retire(connection, NO_STREAMS_MS);
    this.#options.onChange();
  }

  /** Where requests wait for a response, each of them ends as `broken` and says that it was a flood. */
  #endFlood(connection: Connection): void {
    const use = this.#connections.get(connection);
    if (connection.unanswered === 0 && use !== undefined) {
      const { devices, suspects } = use.users.takeSuspects(this.#options.clock.elapsed());
      this.#options.onSuspects(devices, suspects);
      this.#options.onIdleFlood(use.users.only);
    }
    connection.endFlood();
  }

  #forgetEnded(): void {
    for (const connection of this.#connections.keys()) {
      if (!connection.hasEnded || connection.active > 0) continue;
      this.#connections.delete(connection);
      this.#stopTimers(connection);
    }
  }

  /** Takes no more: each ends when what it has is answered. */
  close(): void {
    this.#stopOpening();
    for (const connection of this.#connections.keys()) this.retire(connection);
  }

  /** One takes no more. Its peer may be silent for ever: it is destroyed when all that it had must have been answered. */
  retire(connection: Connection, maxMs: number = 2 * REQUEST_TIMEOUT_MS): void {
    connection.close();
    if (this.#endings.has(connection)) return;
    const stopTimer = this.#options.clock.after(maxMs, () => connection.destroy());
    this.#endings.set(connection, stopTimer);
  }

  /** Ends all at once. */
  destroy(): void {
    this.#stopOpening();
    for (const connection of this.#connections.keys()) connection.destroy();
    for (const connection of this.#connections.keys()) this.#stopTimers(connection);
  }

  #stopTimers(connection: Connection): void {
    for (const timers of [this.#endings, this.#watches]) {
      timers.get(connection)?.();
      timers.delete(connection);
    }
  }

  #stopOpening(): void {
    for (const attempt of this.#opening.keys()) {
      this.#opening.delete(attempt);
      attempt.abort();
    }
  }
}
