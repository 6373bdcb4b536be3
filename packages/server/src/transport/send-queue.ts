import { FlowQueue } from './flow-queue.ts';
import type { PendingSend } from './pending-send.ts';
import type { PushPriority } from './push-transport.ts';

/** What waits for an origin, and how much of it is in flight: messages take turns, users before broadcasts. */
export class SendQueue {
  readonly #waiting = { user: new FlowQueue<PendingSend>(), broadcast: new FlowQueue<PendingSend>() };
  readonly #inFlight = { user: 0, broadcast: 0 };

  get waiting(): number {
    return this.#waiting.user.size + this.#waiting.broadcast.size;
  }

  get inFlight(): number {
    return this.#inFlight.user + this.#inFlight.broadcast;
  }

  get first(): PendingSend | undefined {
    return this.#waiting.user.first ?? this.#waiting.broadcast.first;
  }

  push(send: PendingSend): void {
    this.#waiting[send.priority].push(send);
  }

  /** Before all others, as it has waited already. */
  putBack(send: PendingSend): void {
    send.state = 'waiting';
    this.#waiting[send.priority].putBack(send);
  }

  remove(send: PendingSend): void {
    this.#waiting[send.priority].remove(send);
  }

  /** What may go now, by how many of a priority and all before it may be in flight; it stays where it is. */
  next(limit: (priority: PushPriority) => number): PendingSend | undefined {
    const { user, broadcast } = this.#waiting;
    if (user.first !== undefined) return this.inFlight < limit('user') ? user.first : undefined;
    if (broadcast.first === undefined || this.inFlight >= limit('user')) return undefined;
    return this.#inFlight.broadcast < limit('broadcast') ? broadcast.first : undefined;
  }

  begin(send: PendingSend): void {
    this.remove(send);
    send.state = 'sending';
    this.#inFlight[send.priority] += 1;
  }

  end({ priority }: PendingSend): void {
    this.#inFlight[priority] -= 1;
  }

  /** Takes the first of those that wait, whatever is in flight. */
  take(): PendingSend | undefined {
    const send = this.first;
    if (send !== undefined) this.remove(send);
    return send;
  }
}
