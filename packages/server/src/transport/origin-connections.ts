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
import type { Lane } from './lane-queue.ts';
import type { OpenOptions } from './open-connection.ts';

export interface OriginConnectionsOptions {
  readonly clock: Clock;
  open(options: OpenOptions): Promise<Connection>;
  /** There is room on a connection, or one has ended. */
  onChange(): void;
  /** An attempt to connect has failed, with this, and no connection is up. */
  onFailed(error: unknown): void;
  /** Any of these devices may be the cause of the end of a connection. */
  onSuspects(devices: readonly EnderDevice[]): void;
  /**
   * A connection was ended for a flood while no request waited for a response.
   *
   * @param only the user of all requests that it had; undefined where there are several
   */
  onIdleFlood(only: number | undefined): void;
}

export interface WantedConnections {
  /** How many found no room. */
  readonly requests: number;
  readonly lane: Lane;
  readonly timeoutMs: number;
  /** Its origin has answered lately, or is a known push service. */
  readonly isProven: boolean;
}

/** An attempt to connect took too long. */
export class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError';
}

/** Connections that have one request at a time each, so that the end of one says for which. */
const MAX_ALONE = 8;
/** A request that has waited so long for a connection of its lane shares those of other lanes. */
const OWN_CONNECTION_MS = 1_000;
/** A server that lets no further connection in is asked again after 10 s, 20 s, 40 s and so on, up to this. */
const MAX_NO_FURTHER_MS = 3_600_000;

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
  /** By `Clock.elapsed`. */
  #noFurtherUntilMs = 0;
  #noFurtherMs = CONNECT_TIMEOUT_MS;

  constructor(options: OriginConnectionsOptions) {
    this.#options = options;
  }

  /** How many requests could be in flight over all connections that there may be, as far as one has said. */
  get ceiling(): number {
    for (const { isOpen, capacity } of this.#connections.keys()) if (isOpen) return capacity * this.#most;
    return Number.POSITIVE_INFINITY;
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
  begin(connection: Connection, device: { readonly userId: number | undefined; readonly path: string }): void {
    this.#connections.get(connection)?.users.add(device, this.#options.clock.elapsed());
  }

  /** A connection may have ended because of an earlier request, which has its response. Its user is found out with the others. */
  judge(connection: Connection, result: ConnectionResult): ConnectionResult {
    const use = this.#connections.get(connection);
    if (result.kind !== 'broken' || !result.isOfConnection || use === undefined) return result;
    const isShared = result.isShared || use.users.isShared;
    if (isShared) this.#tellSuspects(use);
    return { ...result, isShared };
  }

  #tellSuspects({ users }: Use): void {
    this.#options.onSuspects(users.takeRecent(this.#options.clock.elapsed()));
  }

  /** One with room for a request. What goes alone never follows another user's request on a connection. */
  free({ lane, userId }: { readonly lane: Lane; readonly userId: number | undefined }): Connection | undefined {
    const nowMs = this.#options.clock.elapsed();
    const isSeparating = this.#isSeparating(lane, nowMs);
    for (const [connection, use] of this.#connections) {
      const capacity = isSeparating && lane === 'alone' ? 1 : connection.capacity;
      if (!connection.isOpen || connection.active >= capacity) continue;
      if (isSeparating && lane === 'alone' && !use.users.isFreeFor(userId)) continue;
      if (isSeparating && this.#protocol === 'h2' && use.lane !== lane) continue;
      // A firewall may have dropped it in silence, while others of this origin were in use.
      if (connection.active === 0 && nowMs - use.usedAtMs >= IDLE_SESSION_MS) {
        this.retire(connection);
        continue;
      }
      use.usedAtMs = nowMs;
      return connection;
    }
    return undefined;
  }

  #isSeparating(lane: Lane, nowMs: number): boolean {
    if (nowMs < this.#noFurtherUntilMs) return false;
    for (const opening of this.#opening.values()) {
      if (opening.lane === lane && nowMs - opening.sinceMs >= OWN_CONNECTION_MS) return false;
    }
    return true;
  }

  /** Opens what so many requests need that found no room: one connection where it may turn out to be HTTP/2. */
  open({ requests, ...attempt }: WantedConnections): void {
    this.#forgetEnded();
    const open = [...this.#connections].filter(([{ isOpen }]) => isOpen);
    // What the server does not let in beside others is not asked for at once again.
    const hasOthers = open.length + this.#opening.size > 0;
    if (hasOthers && this.#options.clock.elapsed() < this.#noFurtherUntilMs) return;
    const room = this.#most - open.length;
    if (attempt.lane === 'alone' && room <= 0) this.#endIdle(open);
    if (this.#protocol === 'http/1.1') {
      while (this.#opening.size < Math.min(requests, room)) void this.#open(attempt);
      return;
    }
    // Each lane may have one in any case.
    const ofLane = open.filter(([, { lane }]) => lane === attempt.lane).length;
    const hasRoom = room > 0 || ofLane < (attempt.lane === 'alone' ? MAX_ALONE : 1);
    const isOpening = [...this.#opening.values()].some(({ lane }) => lane === attempt.lane);
    if (hasRoom && !isOpening) void this.#open(attempt);
  }

  /** Ends an idle connection, to make room for one that no other user had. `onChange` is called when it has ended. */
  #endIdle(open: readonly (readonly [Connection, Use])[]): void {
    const isInLane = ({ lane }: Use): boolean => this.#protocol === 'http/1.1' || lane === 'alone';
    const idle = open.find(([{ active }, use]) => active === 0 && isInLane(use));
    if (idle !== undefined) this.retire(idle[0]);
  }

  async #open({ timeoutMs, isProven, lane }: Omit<WantedConnections, 'requests'>): Promise<void> {
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
      if (this.isUp) this.#noFurtherMs = CONNECT_TIMEOUT_MS;
      this.#connections.set(connection, { lane, users: new ConnectionUsers(), usedAtMs: clock.elapsed() });
      this.#watches.set(connection, watchForFlood(connection, { clock, onFlood: () => this.#endFlood(connection) }));
      this.#protocol = connection.protocol;
      if (!connection.isOpen) this.#changed(connection);
    } catch (error) {
      // Where `close` or `destroy` ended it, nobody waits for it.
      if (!this.#opening.has(attempt)) return;
      const isBesideOthers = this.isUp || (this.#protocol === 'h2' && this.#opening.size > 1);
      if (isBesideOthers) this.#noFurther();
      else onFailed(attempt.signal.aborted ? attempt.signal.reason : error);
    } finally {
      for (const stopTimer of stopTimers) stopTimer();
      if (this.#opening.delete(attempt)) this.#options.onChange();
    }
  }

  /** A connection that ends before it takes any request is none: its server would be connected to again and again. */
  #changed(connection: Connection): void {
    const isFutile = !connection.isOpen && connection.requests === 0 && !this.#endings.has(connection);
    if (isFutile && this.#connections.has(connection)) {
      this.retire(connection);
      if (this.isUp) this.#noFurther();
      else this.#options.onFailed(new Error('The connection ended before it took a request'));
    }
    this.#options.onChange();
  }

  /**
   * The server does not let one more in beside those that are up, or it lets none in, as the other attempts will show. Attempts that
   * were under way together count once: the 19 of a busy moment over HTTP/1.1 made it an hour.
   */
  #noFurther(): void {
    const nowMs = this.#options.clock.elapsed();
    if (nowMs < this.#noFurtherUntilMs) return;
    this.#noFurtherUntilMs = nowMs + this.#noFurtherMs;
    this.#noFurtherMs = Math.min(2 * this.#noFurtherMs, MAX_NO_FURTHER_MS);
  }

  /** Where requests wait for a response, each of them ends as `broken` and says that it was a flood. */
  #endFlood(connection: Connection): void {
    const use = this.#connections.get(connection);
    if (connection.unanswered === 0 && use !== undefined) {
      this.#tellSuspects(use);
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
  retire(connection: Connection): void {
    connection.close();
    if (this.#endings.has(connection)) return;
    const stopTimer = this.#options.clock.after(2 * REQUEST_TIMEOUT_MS, () => connection.destroy());
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
