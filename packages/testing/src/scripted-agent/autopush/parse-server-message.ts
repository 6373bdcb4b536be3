import { decodeBase64Url } from '@belfry/protocol';
import { isObject, type JsonObject } from '../../json-fields.ts';

/** What an autopush service says to a user agent. */
export type ServerMessage =
  | { readonly type: 'hello'; readonly uaid: string }
  /** `endpoint` is given where `status` is 200. */
  | {
      readonly type: 'register';
      readonly channelId: string;
      readonly status: number;
      readonly endpoint: string | undefined;
    }
  | { readonly type: 'unregister'; readonly channelId: string; readonly status: number }
  | PushNotification
  /** Well formed, and nothing that a scripted agent acts on. */
  | { readonly type: 'unknown' };

export interface PushNotification {
  readonly type: 'notification';
  readonly channelId: string;
  /** What the acknowledgement names. */
  readonly version: string;
  /** Encrypted; undefined for a push without payload. */
  readonly body: Uint8Array | undefined;
}

/** Reads one text frame; undefined for what is not autopush. */
export function parseServerMessage(text: string): ServerMessage | undefined {
  const frame = parseJson(text);
  if (!isObject(frame)) return undefined;
  const { messageType, uaid, channelID: channelId, status, pushEndpoint } = frame;
  if (messageType === 'hello') return typeof uaid === 'string' ? { type: 'hello', uaid } : undefined;
  if (messageType === 'notification') return parseNotification(frame);
  if (messageType !== 'register' && messageType !== 'unregister') return { type: 'unknown' };

  if (typeof channelId !== 'string' || typeof status !== 'number') return undefined;
  if (messageType === 'unregister') return { type: 'unregister', channelId, status };
  const endpoint = typeof pushEndpoint === 'string' ? pushEndpoint : undefined;
  return status === 200 && endpoint === undefined ? undefined : { type: 'register', channelId, status, endpoint };
}

function parseNotification({ channelID: channelId, version, data }: JsonObject): PushNotification | undefined {
  if (typeof channelId !== 'string' || typeof version !== 'string') return undefined;
  if (data === undefined) return { type: 'notification', channelId, version, body: undefined };
  // Padded or not.
  const body = typeof data === 'string' ? decodeBase64Url(data.replace(/=+$/, '')) : undefined;
  return body === undefined ? undefined : { type: 'notification', channelId, version, body };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
