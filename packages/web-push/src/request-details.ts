import { supportedContentEncodings } from './constants.ts';
import { encryptPayload } from './encrypt-payload.ts';
import { type CheckedRequestOptions, checkRequestOptions, type RequestDefaults } from './request-options.ts';
import { toHeaders } from './to-headers.ts';
import type { EncryptionResult, Headers, RequestDetails, RequestOptions } from './types.ts';
import { type VapidHeaders, vapidHeaders } from './vapid-headers.ts';
import type { VapidTokens } from './vapid-tokens.ts';

export interface RequestContext {
  readonly defaults: RequestDefaults;
  readonly tokens: VapidTokens;
  /** 16 random octets, for aesgcm. */
  readonly salt: () => Uint8Array;
  readonly warn: (message: string) => void;
}

/** Unknown, because what a caller without types may give is judged here, in web-push's words. */
export interface GivenRequest {
  readonly subscription: unknown;
  readonly payload: unknown;
  readonly options: RequestOptions | null | undefined;
}

/** What `generateRequestDetails` does. */
export function requestDetails(
  { subscription, payload, options }: GivenRequest,
  context: RequestContext,
): RequestDetails {
  const endpoint = checkEndpoint(subscription);
  const { p256dh, auth } = subscriptionKeys(subscription);
  if (payload && (!p256dh || !auth)) {
    throw new Error("To send a message with a payload, the subscription must have 'auth' and 'p256dh' keys.");
  }
  const checked = checkRequestOptions(options || {}, context);
  const { contentEncoding, proxy, agent, timeoutMs } = checked;
  const encrypted = payload
    ? encryptPayload({ p256dh, auth, payload, contentEncoding, salt: context.salt })
    : undefined;
  return {
    method: 'POST',
    headers: requestHeaders({ endpoint, encrypted, checked }, context),
    body: encrypted?.cipherText ?? null,
    endpoint,
    ...(proxy && { proxy }),
    ...(agent && { agent }),
    ...(timeoutMs && { timeout: timeoutMs }),
  };
}

function checkEndpoint(subscription: unknown): string {
  const endpoint = property(subscription, 'endpoint');
  if (!endpoint) throw new Error('You must pass in a subscription with at least an endpoint.');
  if (typeof endpoint !== 'string') throw new Error('The subscription endpoint must be a string with a valid URL.');
  return endpoint;
}

function subscriptionKeys(subscription: unknown): { p256dh: unknown; auth: unknown } {
  const keys = property(subscription, 'keys');
  return { p256dh: property(keys, 'p256dh'), auth: property(keys, 'auth') };
}

function property(value: unknown, name: string): unknown {
  return value ? Reflect.get(Object(value), name) : undefined;
}

interface HeaderParts {
  readonly endpoint: string;
  readonly encrypted: EncryptionResult | undefined;
  readonly checked: CheckedRequestOptions;
}

/** The caller's own headers win over `TTL`, and lose to all others. */
function requestHeaders({ endpoint, encrypted, checked }: HeaderParts, context: RequestContext): Headers {
  const { contentEncoding, extraHeaders, topic } = checked;
  const isAesgcm = contentEncoding === supportedContentEncodings.AES_GCM;
  const headers = toHeaders({
    TTL: checked.ttlSeconds,
    ...extraHeaders,
    'Content-Length': encrypted?.cipherText.length ?? 0,
    ...(encrypted && { 'Content-Type': 'application/octet-stream', 'Content-Encoding': contentEncoding }),
    ...(encrypted &&
      isAesgcm && {
        Encryption: `salt=${encrypted.salt}`,
        'Crypto-Key': `dh=${encrypted.localPublicKey.toString('base64url')}`,
      }),
  });
  const { 'Crypto-Key': vapidKey, ...authorization } = authorize(endpoint, checked, context);
  const cryptoKey = headers['Crypto-Key'];
  return Object.assign(
    headers,
    authorization,
    vapidKey && { 'Crypto-Key': cryptoKey ? `${cryptoKey};${vapidKey}` : vapidKey },
    { Urgency: checked.urgency },
    topic && { Topic: topic },
  );
}

/** GCM knows no VAPID; FCM took GCM's key until 2024. */
function authorize(
  endpoint: string,
  { gcmAPIKey, vapidDetails, contentEncoding }: CheckedRequestOptions,
  context: RequestContext,
): Partial<VapidHeaders> {
  const gcm = gcmAPIKey ? { Authorization: `key=${gcmAPIKey}` } : undefined;
  if (endpoint.startsWith('https://android.googleapis.com/gcm/send')) {
    if (gcm === undefined) {
      context.warn(
        'Attempt to send push notification to GCM endpoint, but no GCM key is defined. Please use setGCMApiKey() or ' +
          "add 'gcmAPIKey' as an option.",
      );
    }
    return gcm ?? {};
  }
  if (vapidDetails) {
    return vapidHeaders({ audience: audienceOf(endpoint), details: vapidDetails, contentEncoding }, context);
  }
  return (endpoint.startsWith('https://fcm.googleapis.com/fcm/send') && gcm) || {};
}

/** Of what is no URL, web-push makes 'null//null', which its message shows. */
function audienceOf(endpoint: string): string {
  const url = URL.parse(endpoint);
  return `${url?.protocol ?? null}//${url?.host ?? null}`;
}
