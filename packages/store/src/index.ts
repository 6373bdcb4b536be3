export type {
  Device,
  DeviceContext,
  DeviceState,
  RemoveDevice,
  SaveDevice,
  SaveDeviceOutcome,
  Subscription,
} from './device.ts';
export { StoreError, type StoreErrorCode } from './errors.ts';
export {
  type Binding,
  type DeviceId,
  type MessageId,
  type MessageSeq,
  type PublicDeviceId,
  parseSessionId,
  parseUserId,
  type SessionId,
  type UserId,
} from './ids.ts';
export type {
  AttemptResult,
  Delivery,
  DeliveryState,
  EnqueueMessage,
  FinalState,
  MessageStatus,
  StoredMessage,
} from './message.ts';
export type { OpenStore, Store } from './store.ts';
