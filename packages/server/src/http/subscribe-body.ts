import {
  type AuthSecret,
  decodeBase64Url,
  type Endpoint,
  type P256dh,
  parseAuthSecret,
  parseP256dh,
  parseVapidPublicKey,
  type VapidPublicKey,
} from '@belfry/protocol';
import type { DeviceContext } from '@belfry/store';
import * as v from 'valibot';
import { BelfryError } from '../errors.ts';
import { describeIssue } from '../message/describe-issue.ts';
import type { EndpointPolicy } from '../transport/endpoint-policy.ts';
import { parseEndpointField } from './endpoint-field.ts';

// PostgreSQL takes no NUL, and nobody means one, or any other control character.
const printable = v.regex(/^\P{Cc}*$/v, 'must not hold control characters');
const optionalText = (maxChars: number) => v.nullish(v.pipe(v.string(), v.maxLength(maxChars), printable), null);

// Unknown fields are let through: a later client may know more than this server.
const schema = v.object({
  keys: v.nullish(v.record(v.string(), v.unknown()), {}),
  // At most the last instant that a Date has; SQLite's integers would not come back exactly beyond 2^53.
  expirationTime: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15)), null),
  deviceSecret: optionalText(64),
  vapidPublicKey: optionalText(128),
  origin: optionalText(256),
  scope: optionalText(2048),
  timeZone: optionalText(64),
  lang: optionalText(64),
});

/** `POST /subscribe`, checked. */
export interface SubscribeBody extends DeviceContext {
  readonly endpoint: Endpoint;
  readonly p256dh: P256dh;
  readonly auth: AuthSecret;
  readonly expirationTime: number | null;
  /** 32 octets. */
  readonly deviceSecret: Uint8Array | null;
  /** The key that the browser subscribed with, where the caller says it. */
  readonly vapidPublicKey: VapidPublicKey | null;
}

const SECRET_BYTES = 32;

/**
 * @throws {BelfryError} `no-endpoint`, `invalid-endpoint`, `endpoint-not-https`, `endpoint-private-address`,
 *   `endpoint-host-not-allowed`, `invalid-p256dh`, `invalid-auth`, `invalid-subscription`, `unknown-vapid-key`
 */
export function parseSubscribeBody(
  input: unknown,
  { endpoints, origins }: { endpoints: EndpointPolicy; origins: readonly string[] },
): SubscribeBody {
  const endpoint = parseEndpointField(input, endpoints);
  const body = v.safeParse(schema, input);
  if (!body.success) throw invalid(describeIssue(body.issues[0]));
  const { keys, expirationTime, deviceSecret, vapidPublicKey, origin, scope, timeZone, lang } = body.output;
  const p256dh = parseP256dh(textOf(keys?.['p256dh']));
  if (!p256dh.ok) {
    throw new BelfryError(
      p256dh.error,
      'keys.p256dh must be 65 bytes, a point on the curve P-256, in unpadded base64url',
    );
  }
  const auth = parseAuthSecret(textOf(keys?.['auth']));
  if (!auth.ok) throw new BelfryError(auth.error, 'keys.auth must be 16 bytes in unpadded base64url');
  const secret = deviceSecret === null ? null : decodeBase64Url(deviceSecret);
  if (secret !== null && secret?.length !== SECRET_BYTES) {
    throw invalid(`deviceSecret: must be ${SECRET_BYTES} bytes in unpadded base64url`);
  }
  if (origin !== null && !origins.includes(origin)) throw invalid("origin: must be one of the server's `origins`");
  if (scope !== null && !origins.includes(URL.parse(scope)?.origin ?? '')) {
    throw invalid("scope: must be an absolute url within the server's `origins`");
  }
  return {
    endpoint,
    p256dh: p256dh.value,
    auth: auth.value,
    expirationTime,
    deviceSecret: secret,
    vapidPublicKey: vapidPublicKey === null ? null : checkedKey(vapidPublicKey),
    pageOrigin: origin,
    workerScope: scope,
    timeZone: timeZone === null ? null : canonicalTimeZone(timeZone),
    lang,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function checkedKey(text: string): VapidPublicKey {
  const publicKey = parseVapidPublicKey(text);
  if (!publicKey.ok) throw invalid('vapidPublicKey: must be a public key in unpadded base64url');
  return publicKey.value;
}

/**
 * The one name that this runtime has for a zone, so that a client cannot make up many for a broadcast at a local time to be
 * parted into: not by its letters' case, nor by offsets such as +02:17, of which there are thousands. A zone that is not
 * known here refuses nobody, since a browser's data may be newer.
 */
function canonicalTimeZone(name: string): string | null {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return /^[+\-]/v.test(timeZone) ? null : timeZone;
  } catch {
    return null;
  }
}

function invalid(what: string): BelfryError {
  return new BelfryError('invalid-subscription', `The subscription is not well formed: ${what}`);
}
