import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { GcmRegistration } from '../store/gcm-store.ts';
import type { PendingMessage } from '../store/records.ts';
import { MCS_TAG } from './client-message.ts';

/** The protocol's version, which opens either direction: the one that Chromium 156 speaks. */
export const MCS_VERSION = 41;

/**
 * What the service says to Chromium. `lastStreamId` is how many of the client's frames have arrived: once told, Chromium
 * does not list their acknowledgements again at its next login.
 */
export type ServerMessage =
  | { readonly type: 'login-response'; readonly lastStreamId: number }
  /** Chromium backs off after it. */
  | { readonly type: 'login-refused' }
  | { readonly type: 'heartbeat-ack'; readonly lastStreamId: number }
  | {
      readonly type: 'push';
      readonly message: PendingMessage;
      readonly registration: GcmRegistration;
      readonly lastStreamId: number;
    }
  | { readonly type: 'close' };

/** The bytes of one message; the version byte goes before the first. */
export function encodeServerMessage(message: ServerMessage): Uint8Array {
  const writer = new BinaryWriter();
  switch (message.type) {
    case 'login-response':
      // 1 id is required, and may be empty.
      return frame(MCS_TAG.loginResponse, int(text(writer, 1, ''), 6, message.lastStreamId));
    case 'login-refused':
      text(writer, 1, '').tag(3, WireType.LengthDelimited).fork();
      return frame(MCS_TAG.loginResponse, text(int(writer, 1, 401), 2, 'unknown credentials').join());
    case 'heartbeat-ack':
      return frame(MCS_TAG.heartbeatAck, int(writer, 2, message.lastStreamId));
    case 'push':
      return frame(MCS_TAG.dataMessageStanza, dataMessage(writer, message));
    case 'close':
      return frame(MCS_TAG.close, writer);
  }
}

function dataMessage(
  writer: BinaryWriter,
  { message, registration, lastStreamId }: Extract<ServerMessage, { type: 'push' }>,
): BinaryWriter {
  // Without the right sender Chromium finds no keys to decrypt with, and drops the message.
  text(writer, 3, registration.sender);
  text(writer, 5, registration.app);
  appData(writer, 'subtype', registration.subtype);
  // A body without its encoding would reach the worker as a push without data.
  if (message.body.length > 0) appData(writer, 'content-encoding', 'aes128gcm');
  text(writer, 9, message.id);
  int(writer, 11, lastStreamId);
  if (message.body.length > 0) writer.tag(21, WireType.LengthDelimited).bytes(message.body);
  // Chromium acknowledges at once, instead of after every tenth message.
  return writer.tag(24, WireType.Varint).bool(true);
}

function appData(writer: BinaryWriter, key: string, value: string): void {
  writer.tag(7, WireType.LengthDelimited).fork();
  text(text(writer, 1, key), 2, value).join();
}

function text(writer: BinaryWriter, field: number, value: string): BinaryWriter {
  return writer.tag(field, WireType.LengthDelimited).string(value);
}

function int(writer: BinaryWriter, field: number, value: number): BinaryWriter {
  return writer.tag(field, WireType.Varint).int32(value);
}

function frame(tag: number, payload: BinaryWriter): Uint8Array {
  const bytes = payload.finish();
  return new BinaryWriter().raw(Uint8Array.of(tag)).uint32(bytes.length).raw(bytes).finish();
}
