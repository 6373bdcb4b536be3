import type { McsFrame } from './frame-reader.ts';
import { MCS_TAG } from './mcs-tag.ts';
import { type ProtobufFields, parseProtobuf } from './protobuf-fields.ts';

/** What the service says. `lastStreamId` is how many of the agent's frames have arrived, where the service tells. */
export type ServerMessage = { readonly lastStreamId: number } & (
  | { readonly type: 'login-response'; readonly isRefused: boolean }
  | { readonly type: 'heartbeat-ping' }
  | DataMessage
  /** A heartbeat's answer, an IqStanza: only what they acknowledge is of use. */
  | { readonly type: 'other' }
  /** It ends the connection, for what the service takes for the client's fault or for a reason of its own. */
  | { readonly type: 'close' }
);

/** A DataMessageStanza. */
export interface DataMessage {
  readonly type: 'data-message';
  /** Of the subscription: its application server key, and the name that it was registered under. */
  readonly from: string | undefined;
  readonly subtype: string | undefined;
  /** What the service must not send again; one without it cannot be acknowledged. */
  readonly persistentId: string | undefined;
  /** Undefined without payload, and where its encoding is not said: Chromium then gives the worker no data (measured). */
  readonly body: Uint8Array | undefined;
  readonly immediateAck: boolean;
}

/** Undefined for what ends a connection in Chromium too: an unknown tag, and what is no protobuf. */
export function parseServerMessage({ tag, payload }: McsFrame): ServerMessage | undefined {
  const fields = parseProtobuf(payload);
  if (fields === undefined) return undefined;
  const lastStreamId = (field: number): number => Number(fields.integer(field) ?? 0n);
  switch (tag) {
    case MCS_TAG.loginResponse:
      return { type: 'login-response', isRefused: fields.bytes(3) !== undefined, lastStreamId: lastStreamId(6) };
    case MCS_TAG.heartbeatPing:
      return { type: 'heartbeat-ping', lastStreamId: lastStreamId(2) };
    case MCS_TAG.heartbeatAck:
      return { type: 'other', lastStreamId: lastStreamId(2) };
    case MCS_TAG.iqStanza:
      return { type: 'other', lastStreamId: lastStreamId(10) };
    case MCS_TAG.dataMessageStanza:
      return readDataMessage(fields, lastStreamId(11));
    case MCS_TAG.close:
    case MCS_TAG.streamErrorStanza:
      return { type: 'close', lastStreamId: 0 };
    default:
      return undefined;
  }
}

function readDataMessage(fields: ProtobufFields, lastStreamId: number): ServerMessage | undefined {
  const appData = new Map<string | undefined, string | undefined>();
  for (const bytes of fields.messages(7)) {
    const entry = parseProtobuf(bytes);
    if (entry === undefined) return undefined;
    appData.set(entry.string(1), entry.string(2));
  }
  return {
    type: 'data-message',
    from: fields.string(3),
    subtype: appData.get('subtype'),
    persistentId: fields.string(9),
    body: appData.has('content-encoding') ? fields.bytes(21) : undefined,
    immediateAck: fields.integer(24) === 1n,
    lastStreamId,
  };
}
