export {
  type Audience,
  type Condition,
  parseTopicName,
  type TopicMember,
  type TopicMembership,
  type TopicName,
} from './audience.ts';
export {
  CHUNK_IDS,
  type ChunkId,
  type ChunkLease,
  type CommitPage,
  type CommitPageOutcome,
  type LeaseChunks,
  type PageDevices,
  type PageResult,
  type ReadPage,
  SMALL_AUDIENCE_DEVICES,
  STRAGGLER_LEASE,
} from './chunk.ts';
export { type CheckDate, type DateCheck, LONGEST_GAP_MS } from './date.ts';
export type {
  Device,
  DeviceContext,
  DeviceProof,
  DeviceState,
  RemoveDevice,
  RemovedDevices,
  ResubscribeDevice,
  ResubscribeOutcome,
  SaveDevice,
  SaveDeviceOutcome,
  SavedDevice,
  Subscription,
} from './device.ts';
export type { DeviceLimits } from './device-limits.ts';
export { StoreError, type StoreErrorCode } from './errors.ts';
export {
  type Binding,
  type DeviceId,
  type MessageId,
  type MessageSeq,
  type PublicDeviceId,
  parseMessageId,
  parsePublicDeviceId,
  parseSessionId,
  parseUserId,
  type SessionId,
  type UserId,
} from './ids.ts';
export {
  type AttemptOutcome,
  type AttemptResult,
  type Delivery,
  type DeliveryDevice,
  type DeliveryState,
  type EnqueueMessage,
  type EnqueueOutcome,
  type FinalState,
  IDEMPOTENCY_MS,
  MAX_FAILURES,
  type MessageChange,
  type MessageChangeOutcome,
  type MessageState,
  type MessageStatus,
  type MessageToPlan,
  MIN_FAILING_MS,
  type PlanMessage,
  type StoredMessage,
  type ZoneTime,
} from './message.ts';
export type { Receipt, ReceiptKind, SaveReceipts } from './receipt.ts';
export { RECEIPT_KEY_BYTES, RECEIPT_TOKEN_LENGTH, receiptToken } from './receipt-token.ts';
export { isStorableText } from './storable-text.ts';
export type { OpenStore, Purge, Store, StoreEffects } from './store.ts';
export type { TakenDelivery, Withdrawal } from './withdrawal.ts';
