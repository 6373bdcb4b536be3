import { NOW, proofOf } from '../a-device.test-data.ts';
import type { SaveDevice } from '../device.ts';
import type { MessageId } from '../ids.ts';
import type { EnqueueMessage } from '../message.ts';
import type { Receipt, SaveReceipts } from '../receipt.ts';
import { receiptToken } from '../receipt-token.ts';

/** That a new device showed a message. */
export function aReceipt(device: SaveDevice, messageId: MessageId, change: Partial<Receipt> = {}): Receipt {
  return { messageId, binding: device.newBinding, token: null, kind: 'shown', action: null, at: NOW, ...change };
}

/** The same, with the token that the message carried to the device. */
export function aTokenReceipt(device: SaveDevice, { id, receiptKey }: EnqueueMessage): Receipt {
  return aReceipt(device, id, { token: receiptToken(receiptKey, device.newBinding) });
}

/** What a new device reports. */
export function reportOf(device: SaveDevice, ...receipts: readonly Receipt[]): SaveReceipts {
  return { ...proofOf(device), receipts, now: NOW };
}
