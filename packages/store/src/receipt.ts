import type { DeviceProof } from './device.ts';
import type { Binding, MessageId } from './ids.ts';

/**
 * What a worker reports of a message. `received`: an open page took it, so that nothing was shown. `closed`: by its user,
 * or by the browser after a while, which no browser tells apart.
 */
export type ReceiptKind = 'received' | 'shown' | 'clicked' | 'closed';

export interface Receipt {
  readonly messageId: MessageId;
  /** The one that the message carried: receipts of a device's earlier user are left out. */
  readonly binding: Binding;
  /** The one that the message carried (see `receiptToken`); null where the worker knows of none. */
  readonly token: string | null;
  readonly kind: ReceiptKind;
  /** The button that was clicked; null for the notification itself, and for all other kinds. */
  readonly action: string | null;
  /** Milliseconds since 1970, by the device's clock, at most `now`. */
  readonly at: number;
}

/**
 * The first receipt of a kind, for a message and a device, stays. Those of unknown messages are left out, and those of messages that
 * were not addressed to the device: its token says that the message was, or, where there is no token, a delivery with the device's
 * binding does.
 */
export interface SaveReceipts extends DeviceProof {
  readonly receipts: readonly Receipt[];
  readonly now: number;
}
