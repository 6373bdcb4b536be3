import { supportedContentEncodings, supportedUrgency } from './constants.ts';
import { importSubscriptions } from './import-subscriptions.ts';
import type * as types from './types.ts';
import {
  encrypt,
  generateRequestDetails,
  generateVAPIDKeys,
  getVapidHeaders,
  sendNotification,
  setGCMAPIKey,
  setVapidDetails,
} from './web-push.ts';
import { WebPushError } from './web-push-error.ts';

interface WebPush {
  readonly WebPushError: typeof WebPushError;
  readonly supportedContentEncodings: typeof supportedContentEncodings;
  readonly supportedUrgency: typeof supportedUrgency;
  encrypt: typeof encrypt;
  getVapidHeaders: typeof getVapidHeaders;
  generateVAPIDKeys: typeof generateVAPIDKeys;
  /** @deprecated GCM answers no more. Use `setVapidDetails`. */
  setGCMAPIKey: typeof setGCMAPIKey;
  setVapidDetails: typeof setVapidDetails;
  generateRequestDetails: typeof generateRequestDetails;
  sendNotification: typeof sendNotification;
  importSubscriptions: typeof importSubscriptions;
}

/** A plain object, as web-push's is, so that tests which replace a member of it go on working. */
const webpush: WebPush = {
  WebPushError,
  supportedContentEncodings,
  supportedUrgency,
  encrypt,
  getVapidHeaders,
  generateVAPIDKeys,
  setGCMAPIKey,
  setVapidDetails,
  generateRequestDetails,
  sendNotification,
  importSubscriptions,
};

/** For those who write `webpush.PushSubscription`. */
declare namespace webpush {
  type PushSubscription = types.PushSubscription;
  type Headers = types.Headers;
  type HttpsProxyAgentOptions = types.HttpsProxyAgentOptions;
  type ContentEncoding = types.ContentEncoding;
  type Urgency = types.Urgency;
  type VapidKeys = types.VapidKeys;
  type RequestOptions = types.RequestOptions;
  type RequestDetails = types.RequestDetails;
  type SendResult = types.SendResult;
  type EncryptionResult = types.EncryptionResult;
}

export default webpush;
