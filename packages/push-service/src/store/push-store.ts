import type { StatementSync } from 'node:sqlite';
import type { Topic, VapidPublicKey } from '@belfry/protocol';
import * as v from 'valibot';
import type { ChannelId, EndpointToken, MessageId, Uaid } from '../identifiers.ts';
import { RECENT_CHANNELS, SWEEP_ROWS } from '../limits.ts';
import { RecentMap } from '../recent-map.ts';
import { Connection } from './connection.ts';
import { GcmStore } from './gcm-store.ts';
import {
  type Channel,
  channelIdRow,
  channelRow,
  messageIdRow,
  type NewMessage,
  type PendingMessage,
  pendingMessageRow,
  tokenRow,
} from './records.ts';
import { MessageBuffer, type MessageReceiver } from './message-buffer.ts';
import { ReceiptStore } from './receipt-store.ts';
import { ScriptedStore } from './scripted-store.ts';
import { SubscriptionList } from './subscription-list.ts';
import type { StatementName } from './statements.ts';

/** Why a message is no longer kept. */
export type MessageEnd = 'delivered' | 'replaced' | 'deleted' | 'expired' | 'unsubscribed';

/** Told of every end, for whoever keeps a record. */
export type OnMessagesEnded = (ids: readonly MessageId[], end: MessageEnd) => void;

export interface PushStoreOptions {
  /** A file, or ':memory:'. */
  readonly path: string;
  readonly onEnded: OnMessagesEnded;
  /** Calls back within milliseconds. */
  readonly later: (callback: () => void) => void;
}

/**
 * Subscriptions and undelivered push messages. What a method wrote survives kill -9 when it returns, or where it answers
 * a promise a power cut too, when that resolves: neither a 201 nor a register answer is sent for something that a crash could
 * take back. Times are ms since 1970.
 */
export class PushStore {
  readonly receipts: ReceiptStore;
  readonly gcm: GcmStore;
  readonly scripted: ScriptedStore;
  readonly subscriptions: SubscriptionList;
  readonly #connection: Connection;
  readonly #onEnded: OnMessagesEnded;
  readonly #buffer: MessageBuffer;
  readonly #channels = new RecentMap<EndpointToken, Channel>(RECENT_CHANNELS);

  constructor({ path, onEnded, later }: PushStoreOptions) {
    this.#onEnded = onEnded;
    this.#connection = new Connection(path);
    this.#buffer = new MessageBuffer({ later, write: (messages) => this.#write(messages) });
    this.receipts = new ReceiptStore(this.#connection);
    this.gcm = new GcmStore(this.#connection);
    this.scripted = new ScriptedStore(this.#connection);
    this.subscriptions = new SubscriptionList(this.#connection);
  }

  /** Whether a uaid has live subscriptions here. */
  isKnown(uaid: string): uaid is Uaid {
    return this.#statement('isKnown').get({ uaid }) !== undefined;
  }

  /** A subscription by its endpoint, live or not. */
  findChannel(token: EndpointToken): Channel | undefined {
    const known = this.#channels.get(token);
    if (known !== undefined) return known;
    const channel = v.parse(v.optional(channelRow), this.#statement('findChannel').get({ token }));
    if (channel !== undefined) this.#channels.set(token, channel);
    return channel;
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

  /** Ends a subscription without its user agent, as a push service does with one that was idle for long. */
  expire(token: EndpointToken): void {
    this.#transaction(() => {
      if (this.findChannel(token)?.live === true) this.#retire(token);
    });
  }

  /**
   * Forgets the user agent of a subscription, and so ends all that it has; answers its name. A Firefox that comes back
   * under it is given another, and fires `pushsubscriptionchange`.
   */
  expireAgentOf(token: EndpointToken): Uaid | undefined {
    return this.#transaction(() => {
      const uaid = this.findChannel(token)?.uaid;
      if (uaid === undefined) return undefined;
      for (const live of this.#liveTokens(uaid)) this.#retire(live);
      return uaid;
    });
  }

  /**
   * Keeps a message until it is acknowledged or ends otherwise; one of the same topic of that subscription is replaced (RFC
   * 8030 §5.4), and the new one is last in line. Resolves when no crash can take it back, or it was acknowledged.
   */
  addMessage(message: NewMessage, receiver: MessageReceiver): Promise<void> {
    // What another may be waiting for, or replaces another, is written at once.
    if (message.topic === undefined && message.receipts === undefined) return this.#buffer.add({ message, receiver });
    this.#buffer.flush();
    return this.#write([message]);
  }

  async #write(messages: readonly NewMessage[]): Promise<void> {
    this.#connection.transaction(() => {
      for (const { topic, receipts, ...message } of messages) {
        if (topic !== undefined) this.#dropTopic(message.token, topic);
        this.#statement('addMessage').run({ ...message, topic: topic ?? null });
        if (receipts !== undefined) this.receipts.request(message.id, receipts);
      }
    });
    await this.#connection.synced();
  }

  /** Drops the undelivered message of a topic, if there is one. */
  removeTopic(token: EndpointToken, topic: Topic): void {
    this.#connection.transaction(() => this.#dropTopic(token, topic));
  }

  /** Whether so many messages of a subscription wait already. */
  isFull(token: EndpointToken, limit: number): boolean {
    const left = limit - this.#buffer.count(token);
    return left <= 0 || this.#statement('isFull').get({ token, limit: left }) !== undefined;
  }

  /** What a user agent has not acknowledged and has not expired, oldest first; without the bodies, which may be many. */
  pendingIds(uaid: Uaid, now: number): MessageId[] {
    this.#buffer.flush();
    return v.parse(v.array(messageIdRow), this.#statement('pendingIds').all({ uaid, now }));
  }

  /** One of them, if it is still one. */
  pendingMessage(id: MessageId, now: number): PendingMessage | undefined {
    return v.parse(v.optional(pendingMessageRow), this.#statement('pendingMessage').get({ id, now }));
  }

  /** Drops a message that its own user agent has answered for; anyone else's is left alone. */
  acknowledge(uaid: Uaid, update: { readonly channelId: ChannelId; readonly id: MessageId }): void {
    if (this.#buffer.acknowledge(update.id, { uaid, channelId: update.channelId })) {
      return this.#ended([update.id], 'delivered');
    }
    this.#connection.transaction(() => {
      const { changes } = this.#statement('acknowledge').run({ uaid, ...update });
      if (changes === 0) return;
      this.receipts.settle([update.id], 204);
      this.#ended([update.id], 'delivered');
    });
  }

  /** Drops an undelivered message for its sender, who needs no receipt then; false if there was none. */
  removeMessage(id: MessageId, now: number): boolean {
    return this.#transaction(() => {
      if (this.#statement('removeMessage').run({ id, now }).changes === 0) return false;
      this.receipts.remove([id]);
      this.#ended([id], 'deleted');
      return true;
    });
  }

  /** Drops some of what has expired, for whomever: at most `SWEEP_ROWS` messages, and answers how many. */
  removeExpired(now: number): number {
    return this.#connection.transaction(() => {
      const ids = this.#removed('removeExpired', { now, limit: SWEEP_ROWS });
      this.receipts.settle(ids, 410);
      this.#ended(ids, 'expired');
      return ids.length;
    });
  }

  close(): Promise<void> {
    this.#buffer.flush();
    return this.#connection.close();
  }

  /** Told when it is a fact: whoever hears of it may use this store at once. */
  #ended(ids: readonly MessageId[], end: MessageEnd): void {
    if (ids.length > 0) this.#connection.afterCommit(() => this.#onEnded(ids, end));
  }

  /** For work that must find all messages in the database. */
  #transaction<Result>(work: () => Result): Result {
    this.#buffer.flush();
    return this.#connection.transaction(work);
  }

  #liveTokens(uaid: Uaid): EndpointToken[] {
    return v.parse(v.array(tokenRow), this.#statement('liveTokens').all({ uaid }));
  }

  #findLiveChannel(channelId: ChannelId): Channel | undefined {
    return v.parse(v.optional(channelRow), this.#statement('findLiveChannel').get({ channelId }));
  }

  #retire(token: EndpointToken): void {
    const ids = this.#removed('removeMessagesOfChannel', { token });
    this.receipts.settle(ids, 410);
    this.#ended(ids, 'unsubscribed');
    this.#channels.delete(token);
    const retired = v.parse(v.optional(channelIdRow), this.#statement('retireChannel').get({ token }));
    if (retired !== undefined) this.gcm.forget(retired.channelId);
  }

  /** Receipts for messages that were replaced are suppressed (RFC 8030 §5.4). */
  #dropTopic(token: EndpointToken, topic: Topic): void {
    const ids = this.#removed('removeTopic', { token, topic });
    this.receipts.remove(ids);
    this.#ended(ids, 'replaced');
  }

  #removed(
    name: 'removeExpired' | 'removeMessagesOfChannel' | 'removeTopic',
    parameters: Record<string, string | number>,
  ): MessageId[] {
    return v.parse(v.array(messageIdRow), this.#statement(name).all(parameters));
  }

  #statement(name: StatementName): StatementSync {
    return this.#connection.statement(name);
  }
}
