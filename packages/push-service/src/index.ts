export type { ChromiumEndpoints } from './chromium-endpoints.ts';
export type { Clock } from './clock.ts';
export type {
  ArrivedPush,
  FaultOptions,
  PersonaTarget,
  PlannedFault,
  PushServiceControl,
  ScriptedSubscriptionJson,
  SubscriptionInfo,
  SubscriptionReference,
} from './control/push-service-control.ts';
export { PushServiceError, type PushServiceErrorCode } from './errors.ts';
export type { Fault } from './faults/fault.ts';
export type { PushState } from './journal/push-journal.ts';
export type { LogFields, PushServiceLogger } from './logger.ts';
export { PERSONA_NAMES, type PersonaName } from './personas/persona.ts';
export type { PushService } from './push-service.ts';
export type { PushServiceOptions } from './push-service-options.ts';
export { startPushService } from './start-push-service.ts';
