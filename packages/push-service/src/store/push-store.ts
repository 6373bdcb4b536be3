import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Topic, VapidPublicKey } from '@belfry/protocol';
import * as v from 'valibot';
import type { ChannelId, EndpointToken, MessageId, Uaid } from '../identifiers.ts';
import { openDatabase } from './open-database.ts';
import { type Channel, channelRow, type NewMessage, type PendingMessage, pendingMessageRow } from './records.ts';
import { STATEMENTS, type StatementName } from './statements.ts';

/**
 * Subscriptions and undelivered push messages. Every method is synchronous and durable when it returns, so that a 201
 * or a register answer is never sent for something that a crash could take back. Times are ms since 1970.
 */
export class PushStore {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<StatementName, StatementSync>();

  /** @param path a file, or ':memory:' */
  constructor(path: string) {
    this.#database = openDatabase(path);
  }

  /** Whether a uaid has live subscriptions here. */
  isKnown(uaid: string): uaid is Uaid {
    return this.#statement('isKnown').get({ uaid }) !== undefined;
  }

  /** A subscription by its endpoint, live or not. */
  findChannel(token: EndpointToken): Channel | undefined {
    return v.parse(v.optional(channelRow), this.#statement('findChannel').get({ token }));
  }

  /**
   * Keeps a subscription and answers its endpoint's token: the one it has, if its user agent asks again with the same
   * key, else `newToken`, and the earlier endpoint of that channel is gone.
   */
  register(channel: {
    readonly uaid: Uaid;
    readonly channelId: ChannelId;
    readonly vapidKey: VapidPublicKey | undefined;
    readonly newToken: EndpointToken;
  }): EndpointToken {
    const { uaid, channelId, vapidKey, newToken } = channel;
    return this.#transaction(() => {
      const existing = this.#findLiveChannel(channelId);
      if (existing?.uaid === uaid && existing.vapidKey === vapidKey) return existing.token;
      if (existing !== undefined) this.#retire(existing.token);
      this.#statement('addChannel').run({ token: newToken, uaid, channelId, vapidKey: vapidKey ?? null });
      return newToken;
    });
  }

  /**
   * Ends a subscription, if there is one, and drops its messages. Its unguessable id is all that it takes: a Firefox
   * that unsubscribed its last subscription while it was offline has no uaid any more when it says so (measured, ESR
   * 153), and the endpoint would live for ever.
   */
  unregister(channelId: ChannelId): void {
    this.#transaction(() => {
      const channel = this.#findLiveChannel(channelId);
      if (channel !== undefined) this.#retire(channel.token);
    });
  }

  /** Keeps a message; one of the same topic of that subscription is replaced. */
  addMessage({ topic, ...message }: NewMessage): void {
    this.#statement('addMessage').run({ ...message, topic: topic ?? null });
  }

  /** Drops the undelivered message of a topic, if there is one. */
  removeTopic(token: EndpointToken, topic: Topic): void {
    this.#statement('removeTopic').run({ token, topic });
  }

  /** What a user agent has not acknowledged, oldest first. What has expired, for whomever, is dropped before. */
  pendingMessages(uaid: Uaid, now: number): PendingMessage[] {
    this.removeExpired(now);
    return v.parse(v.array(pendingMessageRow), this.#statement('pendingMessages').all({ uaid }));
  }

  /** Drops a message that its own user agent has answered for; anyone else's is left alone. */
  acknowledge(uaid: Uaid, update: { readonly channelId: ChannelId; readonly id: MessageId }): void {
    this.#statement('acknowledge').run({ uaid, ...update });
  }

  /** Drops an undelivered message; false if there was none. */
  removeMessage(id: MessageId, now: number): boolean {
    return this.#statement('removeMessage').run({ id, now }).changes !== 0;
  }

  removeExpired(now: number): void {
    this.#statement('removeExpired').run({ now });
  }

  close(): void {
    this.#database.close();
  }

  #findLiveChannel(channelId: ChannelId): Channel | undefined {
    return v.parse(v.optional(channelRow), this.#statement('findLiveChannel').get({ channelId }));
  }

  #retire(token: EndpointToken): void {
    this.#statement('removeMessagesOfChannel').run({ token });
    this.#statement('retireChannel').run({ token });
  }

  #statement(name: StatementName): StatementSync {
    const statement = this.#prepared.get(name) ?? this.#database.prepare(STATEMENTS[name]);
    this.#prepared.set(name, statement);
    return statement;
  }

  #transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}
