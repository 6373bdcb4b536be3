export type { Envelope } from './envelope.ts';
export { handleNotificationClick } from './handle-notification-click.ts';
export { handlePush } from './handle-push.ts';
export { installPushWorker, type PushWorkerOptions } from './install-push-worker.ts';
export { parsePush, type ShownPush } from './parse-push.ts';
export type {
  DefaultNotification,
  NotificationClickEventLike,
  PushEventLike,
  PushWorkerDeps,
  PushWorkerScope,
} from './push-worker-scope.ts';
export type { NotificationData, ShownAction, ShownOptions } from './shown-options.ts';
