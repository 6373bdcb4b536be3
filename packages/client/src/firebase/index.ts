export { deleteToken } from './delete-token.ts';
export { getMessaging, type Messaging } from './get-messaging.ts';
export { getToken, type GetTokenOptions } from './get-token.ts';
export { isSupported } from './is-supported.ts';
export type { FcmOptions, MessagePayload, NotificationPayload } from './message-payload.ts';
export { MessagingError, type MessagingErrorCode } from './messaging-error.ts';
export { type NextFn, type Observer, onMessage, type Unsubscribe } from './on-message.ts';
