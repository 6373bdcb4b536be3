import type { DeviceRecord } from './device-record.ts';

export type ReceiptKind = 'received' | 'shown' | 'clicked' | 'closed';

/** What became of a message here, as `POST /receipts` takes it. */
export interface StoredReceipt {
  readonly id: string;
  readonly binding: unknown;
  /** By it the server knows that the message was addressed to this device. */
  readonly token?: unknown;
  readonly kind: ReceiptKind;
  /** Of `clicked`: the button, null for the notification itself. */
  readonly action?: string | null | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The worker's own record. */
export interface WorkerRecord {
  /** Not yet taken by the server, oldest first. */
  readonly receipts: readonly StoredReceipt[];
  /** Ids of the last messages that were shown, or given to a page. */
  readonly seen: readonly string[];
  /** When notifications were left out in the last minute (ms since 1970). */
  readonly quiet: number[];
}

/** What is known of this registration. */
export interface WorkerRecords {
  /** Undefined where this browser was subscribed by other code than Belfry's. */
  readonly device: DeviceRecord | undefined;
  readonly worker: WorkerRecord;
}

/**
 * Reads both records and, with `change`, puts those that it answers, all in one transaction, so that nobody's changes get lost.
 * Answers the records as they are then; a record that is undefined is left as it was.
 */
export type WorkerStorage = (change?: (records: WorkerRecords) => Partial<WorkerRecords>) => Promise<WorkerRecords>;
