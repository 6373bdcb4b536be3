import type { Parsed } from '@belfry/protocol';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { type GcmCredentials, parseGcmCredentials } from '../gcm-credentials.ts';
import { parseProtobuf } from '../protobuf-fields.ts';

/** AndroidCheckinRequest: what Chromium was given at an earlier check-in, or undefined at its first. */
export function parseCheckIn(
  body: Uint8Array,
): Parsed<GcmCredentials | undefined, 'malformed-protobuf' | 'malformed-credentials'> {
  const fields = parseProtobuf(body);
  if (!fields.ok) return fields;
  // 2 id is an int64, 13 security_token a fixed64; both are 0 at the first check-in.
  const [androidId, securityToken] = [fields.value.integer(2) ?? 0n, fields.value.integer(13) ?? 0n];
  if (androidId === 0n && securityToken === 0n) return { ok: true, value: undefined };
  return parseGcmCredentials(String(androidId), String(securityToken));
}

/** AndroidCheckinResponse: the three fields without which Chromium does not take it (measured, 156). */
export function encodeCheckInAnswer({ androidId, securityToken }: GcmCredentials): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).bool(true);
  writer.tag(7, WireType.Bit64).fixed64(androidId);
  writer.tag(8, WireType.Bit64).fixed64(securityToken);
  return writer.finish();
}
