import { branded } from '@belfry/protocol';
import type { DeviceContext, PublicDeviceId } from '@belfry/store';
import * as v from 'valibot';
import { describeIssue } from '../message/describe-issue.ts';
import type { EndpointPolicy } from '../transport/endpoint-policy.ts';
import { type GivenSubscription, invalidSubscription, parseSubscription } from './parse-subscription.ts';
import { optionalText } from '../message/printable-text.ts';
import { hashSecret } from './secret-hash.ts';

const schema = v.object({
  deviceId: optionalText(64),
  deviceSecret: optionalText(64),
  origin: optionalText(256),
  scope: optionalText(2048),
  timeZone: optionalText(64),
  lang: optionalText(64),
});

/** `POST /subscribe`, checked. */
export interface SubscribeBody extends GivenSubscription, DeviceContext {
  /** See {@link hashSecret}; null where the caller sent no secret. */
  readonly secretHash: Uint8Array | null;
  /** The device that the browser says it is: whether it is one of the user's, the store says. */
  readonly publicId: PublicDeviceId | null;
}

/** @throws {BelfryError} those of {@link parseSubscription} */
export function parseSubscribeBody(
  input: unknown,
  { endpoints, origins }: { endpoints: EndpointPolicy; origins: readonly string[] },
): SubscribeBody {
  const subscription = parseSubscription(input, endpoints);
  const body = v.safeParse(schema, input, { abortEarly: true });
  if (!body.success) throw invalidSubscription(describeIssue(body.issues[0]));
  const { deviceId, deviceSecret, origin, scope, timeZone, lang } = body.output;
  const secretHash = deviceSecret === null ? null : hashSecret(deviceSecret);
  if (secretHash === undefined) {
    throw invalidSubscription('deviceSecret: must be 32 bytes in unpadded base64url');
  }
  if (origin !== null && !origins.includes(origin)) {
    throw invalidSubscription("origin: must be one of the server's `origins`");
  }
  if (scope !== null && !origins.includes(URL.parse(scope)?.origin ?? '')) {
    throw invalidSubscription("scope: must be an absolute url within the server's `origins`");
  }
  return {
    ...subscription,
    secretHash,
    publicId: deviceId === null ? null : branded(deviceId),
    pageOrigin: origin,
    workerScope: scope,
    timeZone: timeZone === null ? null : canonicalTimeZone(timeZone),
    lang,
  };
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
