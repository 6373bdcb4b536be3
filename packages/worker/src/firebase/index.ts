export { getMessaging, type Messaging } from './get-messaging.ts';
export { isSupported } from './is-supported.ts';
export type { FcmOptions, MessagePayload, NotificationPayload } from './message-payload.ts';
export { type NextFn, type Observer, onBackgroundMessage, type Unsubscribe } from './on-background-message.ts';
