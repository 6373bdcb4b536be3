export type { Envelope } from './envelope.ts';
export { handleMessage } from './handle-message.ts';
export { handleNotificationClick } from './handle-notification-click.ts';
export { handleNotificationClose } from './handle-notification-close.ts';
export { handlePush } from './handle-push.ts';
export { handleSubscriptionChange } from './handle-subscription-change.ts';
export { installPushWorker, type PushWorker, pushWorkerDeps } from './install-push-worker.ts';
export type { HandlerNotification, MessageNotification, MessageType, PayloadOf, PushMessage } from './messages.ts';
export { parsePush, type Shown, type ShownPush } from './parse-push.ts';
export type { ClickHandler, PushClick, PushContext, PushHandler } from './push-handlers.ts';
export type { PagePort, PushWorkerDeps, WorkerMemory } from './push-worker-deps.ts';
export type {
  AnswerPort,
  MessageEventLike,
  NotificationClickEventLike,
  NotificationCloseEventLike,
  NotificationLike,
  PushEventLike,
  SubscriptionChangeEventLike,
} from './push-worker-events.ts';
export type { DefaultNotification, PushWorkerOptions } from './push-worker-options.ts';
export type { PageLike, PushManagerLike, PushWorkerScope, SubscriptionLike } from './push-worker-scope.ts';
export type { NotificationData, ShownAction, ShownOptions } from './shown-options.ts';
export type { SubscribedDevice, SubscribeErrorCode } from './subscribe-device.ts';
export type {
  ReceiptKind,
  StoredReceipt,
  WorkerRecord,
  WorkerRecords,
  WorkerStorage,
} from './worker-storage.ts';
