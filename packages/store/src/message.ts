import type { Endpoint } from '@belfry/protocol';
import type { Device } from './device.ts';
import type { DeviceId, MessageId, MessageSeq, UserId } from './ids.ts';

/** A message in the store. */
export interface StoredMessage {
  readonly id: MessageId;
  readonly seq: MessageSeq;
  /** What the server needs to send it, as JSON text; the store does not look inside. */
  readonly content: string;
  /** Milliseconds since 1970, as `expiresAt`. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface EnqueueMessage {
  readonly id: MessageId;
  readonly userId: UserId;
  readonly content: string;
  readonly now: number;
  readonly expiresAt: number;
}

/** One message on its way to one device, which still belongs to the user it was addressed to. */
export interface Delivery {
  readonly message: StoredMessage;
  readonly device: Device;
  /** Attempts made before this one. */
  readonly attempts: number;
}

/** How a delivery ended. `dropped`: the device changed hands, or was removed, before the message was sent. */
export type FinalState = 'accepted' | 'gone' | 'key-mismatch' | 'misconfigured' | 'expired' | 'rejected' | 'dropped';

/**
 * `sending` belongs to the process that took it; `retrying` waits for its time.
 *
 *     enqueue → sending ⇄ retrying
 *                  └──────────┴→ a final state
 */
export type DeliveryState = 'sending' | 'retrying' | FinalState;

/** What came of one attempt. */
export type AttemptResult = {
  readonly seq: MessageSeq;
  readonly deviceId: DeviceId;
  readonly now: number;
} & (
  | { readonly state: Exclude<FinalState, 'gone' | 'dropped' | 'rejected'> }
  /** `isHeld`: its push service takes nothing now, so this does not count as an attempt. */
  | { readonly state: 'retrying'; readonly runAt: number; readonly isHeld?: boolean }
  /** The endpoint that answered: a device that has a new one since is not gone. */
  | { readonly state: 'gone'; readonly endpoint: Endpoint }
  /** `endpoint` where the subscription may be at fault: {@link MAX_FAILURES} over more than a day, and it is gone. */
  | { readonly state: 'rejected'; readonly endpoint?: Endpoint }
);

/** A device is gone after so many failures, none of its messages accepted in between… */
export const MAX_FAILURES = 3;
/** …where the last came this long after the first: no bad hour of a push service costs anybody a subscription. */
export const MIN_FAILING_MS: number = 24 * 3_600_000;

/** How far a message is. */
export interface MessageStatus {
  readonly state: 'sending' | 'done';
  readonly deliveries: Readonly<Partial<Record<DeliveryState, number>>>;
}
