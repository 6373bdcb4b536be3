import { NOW, proofOf } from '../a-device.test-data.ts';
import type { SaveDevice } from '../device.ts';
import type { MessageId } from '../ids.ts';
import type { Receipt, SaveReceipts } from '../receipt.ts';

/** That a new device showed a message. */
export function aReceipt(device: SaveDevice, messageId: MessageId, change: Partial<Receipt> = {}): Receipt {
  return { messageId, binding: device.newBinding, kind: 'shown', action: null, at: NOW, ...change };
}

/** What a new device reports. */
export function reportOf(device: SaveDevice, ...receipts: readonly Receipt[]): SaveReceipts {
  return { ...proofOf(device), receipts, now: NOW };
}
