export { decodeBase64Url, encodeBase64Url } from './base64url.ts';
export { type Brand, branded, type Parsed } from './brand.ts';
export { ProtocolError, type ProtocolErrorCode } from './errors.ts';
export { MAX_BODY_BYTES, MAX_PLAINTEXT_BYTES } from './limits.ts';
export { type ClassifyPushAnswerOptions, classifyPushAnswer } from './push-services/classify-push-answer.ts';
export { paddingBytesFor } from './push-services/padding-bytes.ts';
export {
  type Preflight,
  type PreflightError,
  type PreflightOptions,
  type PreflightWarning,
  preflight,
} from './push-services/preflight.ts';
export type { OutcomeScope, PushOutcome } from './push-services/push-outcome.ts';
export { endpointSpellings } from './push-services/endpoint-spellings.ts';
export { isPushServiceHost, PUSH_SERVICE_HOSTS } from './push-services/push-service-hosts.ts';
export { pushServiceOf } from './push-services/push-service-of.ts';
export { subscriptionToken } from './push-services/subscription-token.ts';
export type {
  AnswerMeaning,
  AnswerRule,
  HttpAnswer,
  PushServiceName,
  PushServiceRules,
} from './push-services/push-service-rules.ts';
export {
  type Endpoint,
  type EndpointError,
  endpointOrigin,
  endpointPath,
  MAX_ENDPOINT_CHARS,
  type PushServiceOrigin,
  parseEndpoint,
} from './rfc8030/endpoint.ts';
export { createPushRequest, type PushRequest, type PushRequestOptions } from './rfc8030/push-request.ts';
export { parseTopic, type Topic, topicOf } from './rfc8030/topic.ts';
export { parseTtl, type Ttl, toTtl } from './rfc8030/ttl.ts';
export { parseUrgency, URGENCIES, type Urgency } from './rfc8030/urgency.ts';
export { type ContentHeader, readContentHeader } from './rfc8188/content-header.ts';
export { type DecryptError, type DecryptOptions, decrypt } from './rfc8291/decrypt.ts';
export { type EncryptionRandom, type EncryptOptions, encrypt } from './rfc8291/encrypt.ts';
export { type EncryptJob, encryptedLength } from './rfc8291/encrypt-job.ts';
export { type Encryptor, typescriptEncryptor } from './rfc8291/encryptor.ts';
export { type AuthSecret, type P256dh, parseAuthSecret, parseP256dh } from './rfc8291/subscription-keys.ts';
export { parseSubject, type VapidSubject } from './rfc8292/subject.ts';
export {
  createVapidToken,
  parseVapidAuthorization,
  type VapidTokenOptions,
  vapidAuthorization,
} from './rfc8292/vapid-authorization.ts';
export {
  generateVapidKeys,
  parseVapidKeys,
  parseVapidPublicKey,
  toSigningKey,
  type VapidKeys,
  type VapidKeysError,
  type VapidPrivateKey,
  type VapidPublicKey,
} from './rfc8292/vapid-keys.ts';
