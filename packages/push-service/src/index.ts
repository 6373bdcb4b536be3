export type { Clock } from './clock.ts';
export type { ChromiumEndpoints } from './chromium-endpoints.ts';
export { PushServiceError, type PushServiceErrorCode } from './errors.ts';
export type { LogFields, PushServiceLogger } from './logger.ts';
export { type PushService, type PushServiceOptions, startPushService } from './start-push-service.ts';
