import { branded, type Parsed } from '@belfry/protocol';
import type { MessageId } from '../identifiers.ts';
import { type ProtobufFields, parseProtobuf } from '../protobuf-fields.ts';

/** What Chromium says on an MCS connection (measured with Chromium 156; names from its mcs.proto). */
export type ClientMessage =
  /** Nothing in it is checked. `receivedIds` are messages that arrived on earlier connections. */
  | {
      readonly type: 'login';
      readonly user: string | undefined;
      readonly authToken: string | undefined;
      readonly receivedIds: readonly MessageId[];
    }
  | { readonly type: 'heartbeat-ping'; readonly lastStreamId: number | undefined }
  /** A heartbeat's answer, an IqStanza (StreamAck is one), a DataMessageStanza: only what they acknowledge is of use. */
  | { readonly type: 'other'; readonly lastStreamId: number | undefined }
  | { readonly type: 'close' };

export const MCS_TAG = {
  heartbeatPing: 0,
  heartbeatAck: 1,
  loginRequest: 2,
  loginResponse: 3,
  close: 4,
  iqStanza: 7,
  dataMessageStanza: 8,
  streamErrorStanza: 10,
} as const;

/** Reads one frame. Both errors end a connection, as they do in Chromium. */
export function parseClientMessage(
  tag: number,
  payload: Uint8Array,
): Parsed<ClientMessage, 'unknown-tag' | 'malformed-protobuf'> {
  const fields = parseProtobuf(payload);
  if (!fields.ok) return fields;
  const message = readMessage(tag, fields.value);
  return message === undefined ? { ok: false, error: 'unknown-tag' } : { ok: true, value: message };
}

function readMessage(tag: number, fields: ProtobufFields): ClientMessage | undefined {
  switch (tag) {
    case MCS_TAG.loginRequest:
      return {
        type: 'login',
        user: fields.string(3),
        authToken: fields.string(5),
        receivedIds: fields.strings(10).map((id): MessageId => branded(id)),
      };
    case MCS_TAG.heartbeatPing:
      return { type: 'heartbeat-ping', lastStreamId: streamId(fields, 2) };
    case MCS_TAG.heartbeatAck:
      return { type: 'other', lastStreamId: streamId(fields, 2) };
    case MCS_TAG.iqStanza:
      return { type: 'other', lastStreamId: streamId(fields, 10) };
    case MCS_TAG.dataMessageStanza:
      return { type: 'other', lastStreamId: streamId(fields, 11) };
    case MCS_TAG.close:
    case MCS_TAG.streamErrorStanza:
      return { type: 'close' };
    default:
      return undefined;
  }
}

function streamId(fields: ProtobufFields, field: number): number | undefined {
  const value = fields.integer(field);
  return value === undefined ? undefined : Number(value);
}
