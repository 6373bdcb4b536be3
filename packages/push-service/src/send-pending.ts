import type { MessageId } from './identifiers.ts';
import { PENDING_PAGE } from './limits.ts';
import type { PendingMessage } from './store/records.ts';

/** The connection that waiting messages go to. */
export interface PendingReceiver {
  /** Undefined for what was acknowledged, replaced, deleted or has expired while others were sent. */
  find(id: MessageId): PendingMessage | undefined;
  isOpen(): boolean;
  /** Calls `written` when the message has left this process. */
  send(message: PendingMessage, written?: () => void): void;
  /** Runs what is left of the work later, and deals with its faults. */
  attempt(work: () => void): void;
}

/**
 * Sends a page at a time, each when the one before has left this process: months of messages need not be in memory at
 * once.
 */
export function sendPending(waiting: IterableIterator<MessageId>, receiver: PendingReceiver): void {
  let sent = 0;
  for (const id of waiting) {
    if (!receiver.isOpen()) return;
    const message = receiver.find(id);
    if (message === undefined) continue;
    sent += 1;
    if (sent === PENDING_PAGE) {
      return receiver.send(message, () => receiver.attempt(() => sendPending(waiting, receiver)));
    }
    receiver.send(message);
  }
}
