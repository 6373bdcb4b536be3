export type { DeviceRecord, DeviceRecordStore } from './device-record.ts';
export { createPushClient, type PushClient, type PushClientOptions } from './push-client.ts';
export type { PushWorkerScript } from './push-client-context.ts';
export { PushClientError, type PushClientErrorCode } from './push-client-error.ts';
export type {
  InstallingWorker,
  PushEnvironment,
  PushManagerSubset,
  PushSubscriptionSubset,
  RegistrationSubset,
} from './push-environment.ts';
export type { DisableResult, EnableResult, PushState } from './push-results.ts';
