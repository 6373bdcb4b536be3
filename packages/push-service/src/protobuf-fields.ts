import type { Parsed } from '@belfry/protocol';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** A field as the wire has it: a varint or fixed number (unsigned), or the bytes of a string or message. */
type FieldValue = bigint | Uint8Array;

/** The fields of one protobuf message by number, in their order. */
export interface ProtobufFields {
  /** The last value of a text field; undefined where it is absent or of another type, as protobuf has it. */
  string(field: number): string | undefined;
  strings(field: number): readonly string[];
  /** The last value of a bool or of an unsigned integer; an int64's negative value is its two's complement. */
  integer(field: number): bigint | undefined;
  bytes(field: number): Uint8Array | undefined;
  messages(field: number): readonly Uint8Array[];
}

/**
 * Reads one protobuf message without its schema: the few messages of the GCM protocol need a handful of fields each, and
 * Chromium's have many more. `malformed-protobuf`: cut short, or of an unknown wire type.
 */
export function parseProtobuf(bytes: Uint8Array): Parsed<ProtobufFields, 'malformed-protobuf'> {
  const values = new Map<number, FieldValue[]>();
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      const value = readValue(reader, { field, wireType });
      if (value === undefined) continue;
      const earlier = values.get(field);
      if (earlier === undefined) values.set(field, [value]);
      else earlier.push(value);
    }
  } catch {
    return { ok: false, error: 'malformed-protobuf' };
  }
  const all = (field: number) => values.get(field) ?? [];
  const messages = (field: number) => all(field).filter((value) => typeof value !== 'bigint');
  const strings = (field: number) => messages(field).map((value) => Buffer.from(value).toString());
  return {
    ok: true,
    value: {
      string: (field) => strings(field).at(-1),
      strings,
      integer: (field) => all(field).findLast((value) => typeof value === 'bigint'),
      bytes: (field) => messages(field).at(-1),
      messages,
    },
  };
}

/** Undefined for what the GCM protocol does not use. */
function readValue(
  reader: BinaryReader,
  { field, wireType }: { readonly field: number; readonly wireType: WireType },
): FieldValue | undefined {
  switch (wireType) {
    case WireType.Varint:
      return BigInt(reader.uint64());
    case WireType.Bit64:
      return BigInt(reader.fixed64());
    case WireType.LengthDelimited:
      return reader.bytes();
    case WireType.Bit32:
    case WireType.StartGroup:
    case WireType.EndGroup:
      reader.skip(wireType, field);
      return undefined;
  }
}
