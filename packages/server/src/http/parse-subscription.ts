import { parseAuthSecret, parseP256dh, parseVapidPublicKey, type VapidPublicKey } from '@belfry/protocol';
import type { Subscription } from '@belfry/store';
import * as v from 'valibot';
import { BelfryError } from '../errors.ts';
import { describeIssue } from '../message/describe-issue.ts';
import type { EndpointPolicy } from '../transport/endpoint-policy.ts';
import { parseEndpointField } from './endpoint-field.ts';
import { optionalText } from '../message/printable-text.ts';

// Unknown fields are let through: a later client may know more than this server.
const schema = v.object({
  keys: v.nullish(v.record(v.string(), v.unknown()), {}),
  // At most the last instant that a Date has; SQLite's integers would not come back exactly beyond 2^53.
  expirationTime: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15)), null),
  vapidPublicKey: optionalText(128),
});

/** A subscription as its browser has it. */
export interface GivenSubscription extends Omit<Subscription, 'vapidPublicKey'> {
  /** The key that the browser subscribed with, where the caller says it. */
  readonly vapidPublicKey: VapidPublicKey | null;
}

/**
 * What a body has of `PushSubscription.toJSON()`, and `vapidPublicKey`.
 *
 * @throws {BelfryError} `no-endpoint`, `invalid-endpoint`, `endpoint-not-https`, `endpoint-private-address`,
 *   `endpoint-host-not-allowed`, `invalid-p256dh`, `invalid-auth`, `invalid-subscription`
 */
export function parseSubscription(input: unknown, endpoints: EndpointPolicy): GivenSubscription {
  const endpoint = parseEndpointField(input, endpoints);
  const body = v.safeParse(schema, input, { abortEarly: true });
  if (!body.success) throw invalidSubscription(describeIssue(body.issues[0]));
  const { keys, expirationTime, vapidPublicKey } = body.output;
  const p256dh = parseP256dh(textOf(keys?.['p256dh']));
  if (!p256dh.ok) {
    throw new BelfryError(
      p256dh.error,
      'keys.p256dh must be 65 bytes, a point on the curve P-256, in unpadded base64url',
    );
  }
  const auth = parseAuthSecret(textOf(keys?.['auth']));
  if (!auth.ok) throw new BelfryError(auth.error, 'keys.auth must be 16 bytes in unpadded base64url');
  return {
    endpoint,
    p256dh: p256dh.value,
    auth: auth.value,
    expirationTime,
    vapidPublicKey: vapidPublicKey === null ? null : checkedKey(vapidPublicKey),
  };
}

/** `what` names the field, and does not hold its value. */
export function invalidSubscription(what: string): BelfryError {
  return new BelfryError('invalid-subscription', `The subscription is not well formed: ${what}`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function checkedKey(text: string): VapidPublicKey {
  const publicKey = parseVapidPublicKey(text);
  if (!publicKey.ok) throw invalidSubscription('vapidPublicKey: must be a public key in unpadded base64url');
  return publicKey.value;
}
