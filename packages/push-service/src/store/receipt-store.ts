import * as v from 'valibot';
import type { MessageId, ReceiptToken } from '../identifiers.ts';
import { RECEIPT_PAGE, RECEIPT_SUBSCRIPTION_LIFETIME_MS, SWEEP_ROWS } from '../limits.ts';
import type { Connection } from './connection.ts';
import { type Receipt, receiptRow, receiptSubscriptionRow } from './records.ts';

/**
 * Receipts of push messages (RFC 8030 §5.1): asked for with the push, settled when the message ends, and kept until they
 * are delivered to its sender.
 */
export class ReceiptStore {
  readonly #connection: Connection;
  readonly #listeners = new Map<ReceiptToken, Set<() => void>>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  createSubscription(token: ReceiptToken, now: number): void {
    this.#connection.statement('addReceiptSubscription').run({ token, now });
  }

  /** Whether there is such a subscription; if so, its life starts anew. */
  useSubscription(token: ReceiptToken, now: number): boolean {
    return this.#connection.statement('useReceiptSubscription').run({ token, now }).changes !== 0;
  }

  /** Drops some of the subscriptions that nobody has used for long, with the receipts that nobody asked for. */
  removeUnused(now: number): void {
    const usedBefore = now - RECEIPT_SUBSCRIPTION_LIFETIME_MS;
    this.#connection.statement('removeUnusedReceiptSubscriptions').run({ usedBefore, limit: SWEEP_ROWS });
  }

  /** Promises a receipt for a message that is being kept. */
  request(messageId: MessageId, subscription: ReceiptToken): void {
    this.#connection.statement('addReceipt').run({ messageId, subscription });
  }

  /** Gives messages that have ended their receipt, where one was asked for, and wakes who listens. */
  settle(messageIds: readonly MessageId[], status: Receipt['status']): void {
    for (const messageId of messageIds) {
      const row = this.#connection.statement('settleReceipt').get({ messageId, status });
      const subscription = v.parse(v.optional(receiptSubscriptionRow), row);
      if (subscription !== undefined) this.#wake(subscription);
    }
  }

  /** Settled receipts of a subscription, the earliest push first; at most `RECEIPT_PAGE`. */
  settled(subscription: ReceiptToken): Receipt[] {
    const rows = this.#connection.statement('settledReceipts').all({ subscription, limit: RECEIPT_PAGE });
    return v.parse(v.array(receiptRow), rows);
  }

  /** Forgets receipts: they were delivered, or nobody is to have them. */
  remove(messageIds: readonly MessageId[]): void {
    for (const messageId of messageIds) this.#connection.statement('removeReceipt').run({ messageId });
  }

  /** `remove`, as one transaction: one for each would wait for the disk as often. */
  removeDelivered(receipts: readonly Receipt[]): void {
    this.#connection.transaction(() => this.remove(receipts.map(({ messageId }) => messageId)));
  }

  /** Calls back after receipts of a subscription were settled; the function it answers ends that. */
  listen(subscription: ReceiptToken, listener: () => void): () => void {
    const listeners = this.#listeners.get(subscription) ?? new Set();
    this.#listeners.set(subscription, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(subscription);
    };
  }

  /** Later, since the transaction that settles is still open. */
  #wake(subscription: ReceiptToken): void {
    for (const listener of this.#listeners.get(subscription) ?? []) queueMicrotask(listener);
  }
}
