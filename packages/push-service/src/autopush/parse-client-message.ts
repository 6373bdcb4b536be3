import { branded, type Parsed } from '@belfry/protocol';
import * as v from 'valibot';
import type { ChannelId, MessageId } from '../identifiers.ts';

/** What Firefox says to the service (measured with ESR 153). */
export type ClientMessage =
  /** `uaid` is what some push service once named it, so anything; absent while the profile has no subscription. */
  | { readonly type: 'hello'; readonly uaid: string | undefined }
  /** `key` is the application server's, padded or not, and unchecked. */
  | { readonly type: 'register'; readonly channelId: ChannelId; readonly key: string | undefined }
  | { readonly type: 'unregister'; readonly channelId: ChannelId }
  | { readonly type: 'ack'; readonly updates: readonly AckUpdate[] }
  /** A push handler failed after the message was acknowledged: 301 it threw, 302 waitUntil() rejected, 303 internal. */
  | { readonly type: 'nack'; readonly code: number | undefined }
  | { readonly type: 'broadcast-subscribe' }
  | { readonly type: 'ping' }
  /** Well formed, of a type that this service does not know: a later Firefox may have more of them. */
  | { readonly type: 'unknown' };

export interface AckUpdate {
  readonly channelId: ChannelId;
  readonly id: MessageId;
  /** 100 decrypted and handed to the worker, 101 not decrypted, 102 not delivered. */
  readonly code: number | undefined;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const channelID = v.pipe(
  v.string(),
  v.regex(UUID),
  v.transform((text): ChannelId => branded(text)),
);
const version = v.pipe(
  v.string(),
  v.transform((text): MessageId => branded(text)),
);
const code = v.optional(v.number());

const ping = v.pipe(
  v.strictObject({}),
  v.transform((): ClientMessage => ({ type: 'ping' })),
);
const hello = v.pipe(
  v.object({ messageType: v.literal('hello'), uaid: v.optional(v.string()) }),
  v.transform(({ uaid }): ClientMessage => ({ type: 'hello', uaid })),
);
const register = v.pipe(
  v.object({ messageType: v.literal('register'), channelID, key: v.optional(v.string()) }),
  v.transform((message): ClientMessage => ({ type: 'register', channelId: message.channelID, key: message.key })),
);
const unregister = v.pipe(
  v.object({ messageType: v.literal('unregister'), channelID, code }),
  v.transform((message): ClientMessage => ({ type: 'unregister', channelId: message.channelID })),
);
const ackUpdate = v.pipe(
  v.object({ channelID, version, code }),
  v.transform((update): AckUpdate => ({ channelId: update.channelID, id: update.version, code: update.code })),
);
const ack = v.pipe(
  v.object({ messageType: v.literal('ack'), updates: v.array(ackUpdate) }),
  v.transform(({ updates }): ClientMessage => ({ type: 'ack', updates })),
);
const nack = v.pipe(
  v.object({ messageType: v.literal('nack'), code }),
  v.transform((message): ClientMessage => ({ type: 'nack', code: message.code })),
);
const broadcastSubscribe = v.pipe(
  v.object({ messageType: v.literal('broadcast_subscribe') }),
  v.transform((): ClientMessage => ({ type: 'broadcast-subscribe' })),
);
const KNOWN = ['hello', 'register', 'unregister', 'ack', 'nack', 'broadcast_subscribe'];
const unknown = v.pipe(
  v.object({ messageType: v.pipe(v.string(), v.notValues(KNOWN)) }),
  v.transform((): ClientMessage => ({ type: 'unknown' })),
);

const clientMessage = v.union([ping, hello, register, unregister, ack, nack, broadcastSubscribe, unknown]);

/** Reads one text frame. `malformed-frame`: not JSON, or not of the shape that its `messageType` asks for. */
export function parseClientMessage(text: string): Parsed<ClientMessage, 'malformed-frame'> {
  const result = v.safeParse(clientMessage, parseJson(text));
  return result.success ? { ok: true, value: result.output } : { ok: false, error: 'malformed-frame' };
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // To valibot an empty array is an empty object, which would be a ping.
    return Array.isArray(value) ? undefined : value;
  } catch {
    return undefined;
  }
}
