export type { ConfirmedDevice, DeviceRecord, DeviceRecordStore, LeavingDevice } from './device-record.ts';
export type { Offer, OfferEnvironment, OfferEvent } from './claim-offers.ts';
export type { MessageType, PageMessage, PageNotification, PayloadOf } from './messages.ts';
export { onMessage } from './on-message.ts';
export { onNavigate } from './on-navigate.ts';
export { createPushClient, type PushClient, type PushClientOptions } from './push-client.ts';
export type { PushWorkerScript } from './push-client-context.ts';
export { PushClientError, type PushClientErrorCode } from './push-client-error.ts';
export type {
  InstallingWorker,
  PushEnvironment,
  PushManagerSubset,
  PushSubscriptionSubset,
  RegistrationSubset,
  ShownNotification,
} from './push-environment.ts';
export type { DisableResult, EnableResult, LogoutResult, PushState, PushStatus } from './push-results.ts';
export type { PushToken } from './push-server-api.ts';
export {
  createSoftPrompt,
  type SoftPrompt,
  type SoftPromptEnvironment,
  type SoftPromptOptions,
} from './prompt/create-soft-prompt.ts';
export { type BelfryPromptOptions, defineBelfryPrompt } from './prompt/define-belfry-prompt.ts';
export {
  type DescribeStateEnvironment,
  type DescribeStateOptions,
  describeState,
  type StateDescription,
} from './prompt/describe-state.ts';
export type { BelfryPromptTexts } from './prompt/english-prompt-texts.ts';
export type { StateText, StateTextKey, StateTexts } from './prompt/english-state-texts.ts';
