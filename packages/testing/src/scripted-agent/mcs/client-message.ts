import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { GcmCredentials } from './check-in.ts';
import { MCS_VERSION } from './frame-reader.ts';
import { MCS_TAG } from './mcs-tag.ts';
import { int, message, text } from './write-field.ts';

/** The version and a LoginRequest, as Chromium 156 sends them; `receivedIds` came on earlier connections. */
export function encodeLogin({ androidId, securityToken }: GcmCredentials, receivedIds: Iterable<string>): Uint8Array {
  const writer = new BinaryWriter();
  text(writer, 1, 'chrome-156.0.8078.79');
  text(writer, 2, 'mcs.android.com');
  text(writer, 3, String(androidId));
  text(writer, 4, String(androidId));
  text(writer, 5, String(securityToken));
  text(writer, 6, `android-${androidId.toString(16)}`);
  text(text(message(writer, 8), 1, 'new_vc'), 2, '1').join();
  for (const id of receivedIds) text(writer, 10, id);
  int(writer, 12, 0); // adaptive_heartbeat
  int(writer, 14, 1); // use_rmq2
  int(writer, 16, 2); // auth_service: ANDROID_ID
  int(writer, 17, 1); // network_type
  return Buffer.concat([Uint8Array.of(MCS_VERSION), frame(MCS_TAG.loginRequest, writer)]);
}

/** An IqStanza with the extension StreamAck: how many of the service's frames have arrived. */
export function encodeStreamAck(lastStreamId: number): Uint8Array {
  const writer = text(int(new BinaryWriter(), 2, 1), 3, '');
  text(int(message(writer, 7), 1, 13), 2, '').join();
  return frame(MCS_TAG.iqStanza, int(writer, 10, lastStreamId));
}

export function encodeHeartbeatAck(lastStreamId: number): Uint8Array {
  return frame(MCS_TAG.heartbeatAck, int(new BinaryWriter(), 2, lastStreamId));
}

function frame(tag: number, payload: BinaryWriter): Uint8Array {
  const bytes = payload.finish();
  return new BinaryWriter().raw(Uint8Array.of(tag)).uint32(bytes.length).raw(bytes).finish();
}
