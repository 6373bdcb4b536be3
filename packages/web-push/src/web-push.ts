import { randomBytes } from 'node:crypto';
import { generateVapidKeys } from '@belfry/protocol';
import { encryptPayload } from './encrypt-payload.ts';
import { createProxyAgents } from './proxy-agent.ts';
import { type RequestContext, requestDetails } from './request-details.ts';
import { sendRequest } from './send-request.ts';
import type {
  ContentEncoding,
  EncryptionResult,
  PushSubscription,
  RequestDetails,
  RequestOptions,
  SendResult,
  VapidDetails,
  VapidKeys,
} from './types.ts';
import { checkVapidDetails } from './vapid-details.ts';
import { type VapidHeaders, vapidHeaders } from './vapid-headers.ts';
import { VapidTokens } from './vapid-tokens.ts';

let gcmAPIKey: string | null = '';
let vapidDetails: VapidDetails | null = null;
const proxyAgents = createProxyAgents();
const tokens = new VapidTokens(() => Date.now());
const warn = (message: string): void => console.warn(message);
const salt = (): Uint8Array => randomBytes(16);
const context = (): RequestContext => ({ defaults: { gcmAPIKey, vapidDetails }, tokens, salt, warn });

/**
 * The key for endpoints of GCM, which Google has shut down; null for none.
 *
 * @deprecated GCM answers no more. Use `setVapidDetails`.
 */
export function setGCMAPIKey(apiKey: string | null): void {
  if (apiKey !== null && (typeof apiKey !== 'string' || apiKey.length === 0)) {
    throw new Error('The GCM API Key should be a non-empty string or null.');
  }
  gcmAPIKey = apiKey;
}

/** The application's VAPID details, for all requests that bring none of their own; null, alone, for none. */
export function setVapidDetails(subject: null): void;
export function setVapidDetails(subject: string, publicKey: string, privateKey: string): void;
export function setVapidDetails(...details: readonly (string | null)[]): void {
  const [subject, publicKey, privateKey] = details;
  vapidDetails =
    subject === null && details.length === 1 ? null : checkVapidDetails({ subject, publicKey, privateKey }, warn);
}

/** A new pair, to be made once and kept: browsers subscribe with its public key. */
export function generateVAPIDKeys(): VapidKeys {
  return generateVapidKeys();
}

/**
 * The headers that say who sends. Without `expiration` a token is used again for an hour, and is good for 11 to 12 h.
 *
 * @param audience the push service's origin
 * @param expiration seconds since 1970, at most 24 h ahead (RFC 8292 §2)
 */
export function getVapidHeaders(
  audience: string,
  subject: string,
  publicKey: string,
  privateKey: string,
  contentEncoding: 'aes128gcm',
  expiration?: number,
): { Authorization: string };
export function getVapidHeaders(
  audience: string,
  subject: string,
  publicKey: string,
  privateKey: string,
  contentEncoding: 'aesgcm',
  expiration?: number,
): { Authorization: string; 'Crypto-Key': string };
export function getVapidHeaders(
  audience: string,
  subject: string,
  publicKey: string,
  privateKey: string,
  contentEncoding: ContentEncoding,
  expiration?: number,
): VapidHeaders;
export function getVapidHeaders(
  audience: string,
  subject: string,
  publicKey: string,
  privateKey: string,
  contentEncoding: ContentEncoding,
  expiration?: number,
): VapidHeaders {
  const details = { subject, publicKey, privateKey };
  return vapidHeaders({ audience, details, contentEncoding, expiration }, { tokens, warn });
}

/**
 * A payload encrypted for one subscription: at most 3993 bytes for aes128gcm, 4078 for aesgcm.
 *
 * @param userPublicKey the subscription's `keys.p256dh`
 * @param userAuth the subscription's `keys.auth`
 */
export function encrypt(
  userPublicKey: string,
  userAuth: string,
  payload: string | Buffer,
  contentEncoding: ContentEncoding,
): EncryptionResult {
  return encryptPayload({ p256dh: userPublicKey, auth: userAuth, payload, contentEncoding, salt });
}

/** The request that `sendNotification` makes, for an HTTP client of one's own. */
export function generateRequestDetails(
  subscription: PushSubscription,
  payload?: null,
  options?: RequestOptions | null,
): RequestDetails & { body: null };
export function generateRequestDetails(
  subscription: PushSubscription,
  payload?: string | Buffer,
  options?: RequestOptions | null,
): RequestDetails & { body: Buffer };
export function generateRequestDetails(
  subscription: PushSubscription,
  payload?: string | Buffer | null,
  options?: RequestOptions | null,
): RequestDetails;
export function generateRequestDetails(
  subscription: PushSubscription,
  payload?: string | Buffer | null,
  options?: RequestOptions | null,
): RequestDetails {
  return requestDetails({ subscription, payload, options }, context());
}

/**
 * Sends a message, or a push without one. Everything that goes wrong rejects.
 *
 * @throws {WebPushError} for an answer that is no 2xx; 404 and 410 say that the subscription has ended
 */
export async function sendNotification(
  subscription: PushSubscription,
  payload?: string | Buffer | null,
  options?: RequestOptions | null,
): Promise<SendResult> {
  return sendRequest(requestDetails({ subscription, payload, options }, context()), proxyAgents);
}
