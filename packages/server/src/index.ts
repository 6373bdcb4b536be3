export type { Belfry, Notified } from './belfry.ts';
export type { BelfryOptions } from './belfry-options.ts';
export { createBelfry } from './create-belfry.ts';
export type { DeviceOutcome } from './delivery/device-outcome.ts';
export type { KnownDevice } from './devices/known-device.ts';
export type { Clock, Logger, RandomBytes } from './effects.ts';
export { BelfryError, type BelfryErrorId } from './errors.ts';
export type { Identification } from './http/identify.ts';
export type {
  DefaultNotification,
  FlatMessage,
  FullMessage,
  Json,
  Message,
  MessageAction,
  MessageNotification,
} from './message/message.ts';
export type { MessageType, PayloadOf } from './message/message-types.ts';
export type { NotifyOptions } from './message/notify-options.ts';
export type { Target } from './message/target.ts';
export type { DevelopmentPushService } from './transport/endpoint-policy.ts';
export type { PushAnswer, PushTransport } from './transport/push-transport.ts';
export type { VapidKeysOption } from './vapid/vapid-key-ring.ts';
