import type { PushRequest } from '@belfry/protocol';
import type { PushAnswer } from './push-transport.ts';

/**
 * What came of a request on one connection. `unprocessed`: the server says that it did nothing with it, so it may be sent
 * again (RFC 9113 §8.7). `broken`: there was no answer, and nobody knows.
 *
 * - `isOfConnection`: the whole connection ended, and not for this request alone
 * - `suspects`: how many requests may be the cause, at least 1
 * - `isFlood`: this side ended it, because it brought more than its requests can have asked for
 */
export type ConnectionResult =
  | Extract<PushAnswer, { kind: 'answer' }>
  | { readonly kind: 'unprocessed' }
  | {
      readonly kind: 'broken';
      readonly isOfConnection: boolean;
      readonly suspects: number;
      readonly isFlood: boolean;
    };

export interface RequestEvents {
  /** Once, before `settled` where that waits for the body: the headers are there, and a body follows. */
  hasBody(): void;
  /** Once. A 2xx settles at its headers. */
  settled(result: ConnectionResult): void;
  /** Once, after `settled`: its place on the connection is free again. */
  released(): void;
}

/** A connection to a push service that is up. */
export interface Connection {
  readonly protocol: 'h2' | 'http/1.1';
  /** Takes new requests. Once it does not, it never will. */
  readonly isOpen: boolean;
  /** Nothing is left of it: its socket is closed. */
  readonly hasEnded: boolean;
  /** How many requests it takes at once; a peer may change it. */
  readonly capacity: number;
  /** How many it has now. */
  readonly active: number;
  /** How many of these have no response yet. */
  readonly unanswered: number;
  /** What it has received in all, behind TLS. */
  readonly bytesReceived: number;
  /** How many requests it was given in all. */
  readonly requests: number;
  /** @returns what ends the request: it settles at once, with what is there of an answer */
  post(request: PushRequest, events: RequestEvents): () => void;
  /** Takes no more, and ends when all that it has is answered. */
  close(): void;
  /** Ends at once. */
  destroy(): void;
  /** Ends at once, because it brings more than its requests can have asked for. */
  endFlood(): void;
}

/** What a connection tells its owner of itself. */
export interface ConnectionEvents {
  /** It has ended, or has another capacity. */
  onChange(connection: Connection): void;
}
