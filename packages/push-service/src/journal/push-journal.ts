import type { JWTPayload } from 'jose';
import type { FaultType } from '../faults/fault.ts';
import type { EndpointToken, MessageId } from '../identifiers.ts';
import { faultFields, type PushServiceLogger } from '../logger.ts';
import type { PersonaName } from '../personas/persona.ts';

/**
 * What became of a push:
 * - `refused`: it was answered with an error, its own or a fault's
 * - `failed`: it had no whole answer: its sender went away, or a fault cut it off
 * - `waiting`: accepted, and not yet acknowledged by its user agent
 * - `delivered`: acknowledged; with TTL 0, handed to a user agent that was connected
 * - `missed`: TTL 0, and the user agent was not connected
 * - `dropped`: accepted, and dropped by a fault
 * - `replaced` by a later one of its Topic, `deleted` by its sender, `expired`, `unsubscribed`: it will not be delivered
 */
export type PushState =
  | 'refused'
  | 'failed'
  | 'waiting'
  | 'delivered'
  | 'missed'
  | 'dropped'
  | 'replaced'
  | 'deleted'
  | 'expired'
  | 'unsubscribed';

/** A push as it arrived, and what came of it. */
export interface JournalEntry {
  readonly id: number;
  /** ms since 1970. */
  readonly at: number;
  readonly origin: string;
  readonly token: EndpointToken;
  readonly persona: PersonaName;
  /** By lower-case name, without the token of `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the VAPID token, where that was good. */
  readonly claims: JWTPayload | undefined;
  /** Undefined where it was refused before it was read. */
  readonly body: Uint8Array | undefined;
  /** Undefined where it was not answered. */
  readonly status: number | undefined;
  /** The answer's body, where it has one. */
  readonly answer: string | undefined;
  readonly ttlSeconds: number | undefined;
  readonly fault: FaultType | undefined;
  readonly messageId: MessageId | undefined;
  /** The entry whose body it is, where it was sent again. */
  readonly resendOf: number | undefined;
  readonly state: PushState;
}

/** The latest pushes, in memory. */
export class PushJournal {
  readonly #limit: number;
  readonly #logger: PushServiceLogger;
  readonly #entries = new Map<number, JournalEntry>();
  readonly #byMessage = new Map<MessageId, number>();
  readonly #listeners = new Set<(entry: JournalEntry) => void>();
  #lastId = 0;

  /** @param options.limit how many are kept; 0 for none */
  constructor({ limit, logger }: { readonly limit: number; readonly logger: PushServiceLogger }) {
    this.#limit = limit;
    this.#logger = logger;
  }

  /** Answers its id. */
  add(entry: Omit<JournalEntry, 'id'>): number {
    this.#lastId += 1;
    this.#put({ ...entry, id: this.#lastId });
    const oldest = this.#entries.size > this.#limit ? this.#entries.values().next().value : undefined;
    if (oldest !== undefined) {
      this.#entries.delete(oldest.id);
      if (oldest.messageId !== undefined) this.#byMessage.delete(oldest.messageId);
    }
    return this.#lastId;
  }

  /** Records that the service could not answer as it had meant to. */
  fail(id: number, status: number): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#put({ ...entry, status, answer: undefined, state: 'failed' });
  }

  /** Records the end of messages that wait; those it does not know, or no longer, are left out. */
  end(messageIds: readonly MessageId[], state: PushState): void {
    for (const messageId of messageIds) {
      const entry = this.#entries.get(this.#byMessage.get(messageId) ?? 0);
      if (entry?.state === 'waiting') this.#put({ ...entry, state });
    }
  }

  find(id: number): JournalEntry | undefined {
    return this.#entries.get(id);
  }

  /** The latest first. */
  list(): JournalEntry[] {
    return [...this.#entries.values()].toReversed();
  }

  clear(): void {
    this.#entries.clear();
    this.#byMessage.clear();
  }

  /** Calls back with each entry that is added or changes; the function it answers ends that. */
  listen(listener: (entry: JournalEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #put(entry: JournalEntry): void {
    this.#entries.set(entry.id, entry);
    if (entry.messageId !== undefined) this.#byMessage.set(entry.messageId, entry.id);
    for (const listener of this.#listeners) {
      try {
        listener(entry);
      } catch (fault) {
        // It is no part of the push, whose sender and user agent must notice nothing.
        this.#logger.warn('A listener of onPush failed', faultFields(fault));
      }
    }
  }
}
