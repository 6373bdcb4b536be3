import type { DeviceRecord } from './device-record.ts';
import { encodeBase64url } from './encode-base64url.ts';
import type { PushClientContext } from './push-client-context.ts';

/** The record of a browser that has not been a device yet. */
export function newRecord(context: PushClientContext): DeviceRecord {
  return { api: context.server.url, intent: 'on', leaving: [], ...nobody(context) };
}

/**
 * The record once the page's user is signed in. Where that is somebody else than before, or nobody knows who was before, the device
 * is nobody's until the server has confirmed it.
 */
export function withUser(context: PushClientContext, record: DeviceRecord): DeviceRecord {
  const { user } = context;
  if (user === null || user === record.user) return record;
  return { ...((record.user ?? record.confirmed) ? withoutUser(context, record) : record), user };
}

/** Whether another tab was told of another user since: then this one must not speak for the device until it is told again. */
export function isOthers({ user }: PushClientContext, record: DeviceRecord): boolean {
  return (user ?? record.user) !== (record.user ?? user);
}

/**
 * The record once the device is not its user's any more: from then on the worker shows none of their messages. A new secret
 * makes what is still under way with the old one void.
 */
export function withoutUser(context: PushClientContext, record: DeviceRecord): DeviceRecord {
  const { confirmed, deviceSecret, leaving } = record;
  return {
    ...record,
    ...nobody(context),
    formerEndpoint: confirmed?.endpoint ?? record.formerEndpoint,
    leaving: confirmed ? [...leaving, { deviceId: confirmed.deviceId, deviceSecret }] : leaving,
  };
}

/** 32 random bytes in base64url. */
export function newSecret({ environment }: PushClientContext): string {
  return encodeBase64url(environment.crypto.getRandomValues(new Uint8Array(32)));
}

function nobody(context: PushClientContext): Pick<DeviceRecord, 'deviceSecret' | 'user' | 'token' | 'confirmed'> {
  return { deviceSecret: newSecret(context), user: null, token: null, confirmed: null };
}
