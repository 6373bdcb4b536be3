export { supportedContentEncodings, supportedUrgency } from './constants.ts';
// The second name is what require() of this module gives (Node's rule for modules that were CommonJS).
export { default, default as 'module.exports' } from './default-export.ts';
export {
  type ImportedSubscription,
  type ImportOutcome,
  type ImportRejection,
  importSubscriptions,
} from './import-subscriptions.ts';
export type {
  ContentEncoding,
  EncryptionResult,
  Headers,
  HttpsProxyAgentOptions,
  PushSubscription,
  RequestDetails,
  RequestOptions,
  SendResult,
  Urgency,
  VapidDetails,
  VapidKeys,
} from './types.ts';
export {
  encrypt,
  generateRequestDetails,
  generateVAPIDKeys,
  getVapidHeaders,
  sendNotification,
  setGCMAPIKey,
  setVapidDetails,
} from './web-push.ts';
export { WebPushError } from './web-push-error.ts';
