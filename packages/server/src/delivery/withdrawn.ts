import type { Binding, MessageId, TakenDelivery } from '@belfry/store';
import { keepNewest } from '../keep-newest.ts';

/** For each kind. What waits in memory does so for 85 s at most, so these are enough for 100 ended sessions a second. */
const MAX_REMEMBERED = 10_000;

/**
 * What was withdrawn: messages that were cancelled, and the bindings of devices that moved to another user or were
 * removed. Their deliveries may be waiting in memory for a slow push service. The transport asks here before it begins a request.
 * The store tells what another process has withdrawn (`Store.onWithdrawal`). While it cannot, what was taken from the store may begin,
 * for 85 s at most (`LEASE_MS` - `LEASE_MARGIN_MS`).
 */
export class Withdrawn {
  readonly #messages = new Map<MessageId, true>();
  readonly #bindings = new Map<Binding, true>();
  readonly #taken = new Set<TakenDelivery>();

  addMessage(id: MessageId): void {
    keepNewest(this.#messages, { key: id, value: true, limit: MAX_REMEMBERED });
  }

  /** A binding that ended is never used again. */
  addBindings(bindings: readonly Binding[]): void {
    for (const binding of bindings) keepNewest(this.#bindings, { key: binding, value: true, limit: MAX_REMEMBERED });
  }

  /** Deliveries of which an attempt is being made. */
  get taken(): Iterable<TakenDelivery> {
    return this.#taken;
  }

  beginAttempt(delivery: TakenDelivery): void {
    this.#taken.add(delivery);
  }

  endAttempt(delivery: TakenDelivery): void {
    this.#taken.delete(delivery);
  }

  has({ message, binding }: TakenDelivery): boolean {
    return this.#messages.has(message) || this.#bindings.has(binding);
  }
}
