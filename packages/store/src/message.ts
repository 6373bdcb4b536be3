import type { Endpoint } from '@belfry/protocol';
import type { Audience } from './audience.ts';
import type { Device } from './device.ts';
import type { DeviceId, MessageId, MessageSeq } from './ids.ts';
import type { ReceiptKind } from './receipt.ts';

/** A message in the store. */
export interface StoredMessage {
  readonly id: MessageId;
  readonly seq: MessageSeq;
  /** What the server needs to send it, as JSON text; the store does not look inside. */
  readonly content: string;
  /** See `receiptToken`; null for messages of an older version. */
  readonly receiptKey: Uint8Array | null;
}

/** Times are milliseconds since 1970. */
export interface EnqueueMessage {
  readonly id: MessageId;
  readonly audience: Audience;
  readonly content: string;
  /** 16 random bytes; see `receiptToken`. */
  readonly receiptKey: Uint8Array;
  readonly now: number;
  /** See `CheckDate.steadyNow`; it counts the age of idempotency keys. Default `now`. */
  readonly steadyNow?: number;
  /** When it is planned: `now` or before for one that is sent at once. */
  readonly runAt: number;
  /** How long it lives, from when it is to be sent to a device on, and no longer than `expiresAt`. */
  readonly ttlMs: number;
  readonly expiresAt: number | null;
  /** A newer message with the same key takes the place of what still waits of an older one, device by device. */
  readonly collapseKey: string | null;
  /** The same key again, with the same body, is the same message; see {@link IDEMPOTENCY_MS}. */
  readonly idempotency: { readonly key: string; readonly bodyHash: Uint8Array } | null;
  readonly devicesPerSecond: number | null;
  /** For how long the deliveries of a small audience are the caller's. */
  readonly leaseMs: number;
}

/** How long an idempotency key is remembered. */
export const IDEMPOTENCY_MS: number = 7 * 24 * 3_600_000;

/**
 * `sending`: the caller sends these now. `queued`: it will be planned (`Store.messagesToPlan`). `repeated`: it is an
 * earlier message, of which nothing was changed; its devices are null where they were not counted.
 */
export type EnqueueOutcome =
  | { readonly outcome: 'sending'; readonly deliveries: readonly Delivery[] }
  | { readonly outcome: 'queued' }
  | { readonly outcome: 'repeated'; readonly id: MessageId; readonly devices: number | null }
  | { readonly outcome: 'idempotency-conflict' };

/** A message whose time has come. */
export interface MessageToPlan {
  readonly seq: MessageSeq;
  readonly content: string;
  readonly runAt: number;
}

/** When the devices of one time zone are due; null: those that did not say theirs. */
export interface ZoneTime {
  readonly timeZone: string | null;
  readonly runAt: number;
}

export interface PlanMessage {
  readonly seq: MessageSeq;
  readonly now: number;
  /** Null: all at once. Devices of a zone that is not listed are left out. */
  readonly zones: readonly ZoneTime[] | null;
}

/** As much of a device as sending to it takes. */
export type DeliveryDevice = Pick<
  Device,
  'id' | 'publicId' | 'binding' | 'endpoint' | 'p256dh' | 'auth' | 'vapidPublicKey' | 'pageOrigin'
> & {
  /** The store's own number of its user. */
  readonly userId: number;
  /** It has failures that an accepted message would clear. */
  readonly isFailing: boolean;
  /**
   * Its push service has accepted a message for the subscription that it has now, so the subscription is not made up. Set by
   * deliveries with a row of their own, not by a broadcast.
   */
  readonly isProven: boolean;
};

/** One message on its way to one device, which still belongs to the user it was addressed to. */
export interface Delivery {
  readonly message: StoredMessage;
  readonly device: DeliveryDevice;
  /** Attempts made before this one. */
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** The fencing token of the row's lease: what comes of the attempt counts only while it is the last. */
  readonly lease: number;
}

/**
 * How a delivery ended. `dropped`: the device changed hands, or was removed, or had a newer message with the same
 * collapse key, before the message was sent. `cancelled`: the message was. Where that happens while a push service has the request,
 * and it takes the message, the delivery becomes `accepted`.
 */
export type FinalState =
  | 'accepted'
  | 'gone'
  | 'key-mismatch'
  | 'misconfigured'
  | 'expired'
  | 'rejected'
  | 'dropped'
  | 'cancelled';

/**
 * `sending` belongs to the process that took it; `retrying` waits for its time.
 *
 *     enqueue → sending ⇄ retrying
 *                  └──────────┴→ a final state
 */
export type DeliveryState = 'sending' | 'retrying' | FinalState;

/** What came of one attempt. */
export type AttemptOutcome =
  /** `endpoint` where this was the first message that it accepted: that proves the device, if it still has that endpoint. */
  | { readonly state: 'accepted'; readonly endpoint?: Endpoint }
  | { readonly state: 'misconfigured' | 'expired' }
  /** `isHeld`: its push service takes nothing now, so this does not count as an attempt. */
  | { readonly state: 'retrying'; readonly runAt: number; readonly isHeld?: boolean }
  /** The endpoint that answered: a device that has a new one since is neither gone nor of another key. */
  | { readonly state: 'gone' | 'key-mismatch'; readonly endpoint: Endpoint }
  /** `endpoint` where the subscription may be at fault: {@link MAX_FAILURES} over more than a day, and it is gone. */
  | { readonly state: 'rejected'; readonly endpoint?: Endpoint };

/** An attempt at a delivery with a row of its own. */
export type AttemptResult = AttemptOutcome & {
  readonly seq: MessageSeq;
  readonly deviceId: DeviceId;
  readonly now: number;
  /** See `CheckDate.steadyNow`; it counts for how long a device has failed. Default `now`. */
  readonly steadyNow?: number;
  /** See `Delivery.lease`. */
  readonly lease: number;
};

/** A device is gone after so many failures, none of its messages accepted in between… */
export const MAX_FAILURES = 3;
/** …where the last came this long after the first: no bad hour of a push service costs anybody a subscription. */
export const MIN_FAILING_MS: number = 24 * 3_600_000;

/**
 *     scheduled → queued → fanning-out ⇄ paused → done     (cancelled, expired)
 *
 * `scheduled` and `queued` wait to be planned, the one for its time. A scheduled or queued message can be paused too.
 */
export type MessageState = 'scheduled' | 'queued' | 'fanning-out' | 'paused' | 'done' | 'cancelled' | 'expired';

/** How far a message is. */
export interface MessageStatus {
  readonly id: MessageId;
  readonly state: MessageState;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly runAt: number;
  /** Devices by what became of them; those that a broadcast has not come to yet are not counted. */
  readonly deliveries: Readonly<Partial<Record<DeliveryState, number>>>;
  /** Devices by what they reported; of a broadcast only some report `received` and `shown`. */
  readonly receipts: Readonly<Partial<Record<ReceiptKind, number>>>;
}

/** What an operator may do with a message that is not over. */
export type MessageChange = 'pause' | 'resume' | 'cancel';

/** `unchanged`: it is over, or was so already. */
export type MessageChangeOutcome = 'changed' | 'unchanged' | 'unknown-message';
