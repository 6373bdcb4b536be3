export { getMessaging, type Messaging, type MessagingBelfry } from './get-messaging.ts';
export type {
  BaseMessage,
  ConditionMessage,
  FcmPayload,
  Message,
  MulticastMessage,
  Notification,
  TokenMessage,
  TopicMessage,
  WebpushConfig,
  WebpushNotification,
} from './message.ts';
export { MessagingError, type MessagingErrorCode } from './messaging-error.ts';
export type { BatchResponse, MessagingTopicManagementResponse, SendResponse } from './responses.ts';
