import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** The fields of one protobuf message, read without its schema: of the many in MCS an agent needs a handful. */
export class ProtobufFields {
  /** Varints and fixed numbers, unsigned, and the bytes of strings and messages, in their order. */
  readonly #values: ReadonlyMap<number, readonly (bigint | Uint8Array)[]>;

  constructor(values: ReadonlyMap<number, readonly (bigint | Uint8Array)[]>) {
    this.#values = values;
  }

  /** The last value, as protobuf has it; undefined where it is absent or of another type. */
  integer(field: number): bigint | undefined {
    return this.#values.get(field)?.findLast((value) => typeof value === 'bigint');
  }

  bytes(field: number): Uint8Array | undefined {
    return this.#values.get(field)?.findLast((value) => typeof value !== 'bigint');
  }

  string(field: number): string | undefined {
    const bytes = this.bytes(field);
    return bytes && Buffer.from(bytes).toString();
  }

  messages(field: number): readonly Uint8Array[] {
    return this.#values.get(field)?.filter((value) => typeof value !== 'bigint') ?? [];
  }
}

/** Undefined for bytes that are cut short, or no protobuf. */
export function parseProtobuf(bytes: Uint8Array): ProtobufFields | undefined {
  const values = new Map<number, (bigint | Uint8Array)[]>();
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
    return undefined;
  }
  return new ProtobufFields(values);
}

/** Undefined for what MCS does not use. */
function readValue(
  reader: BinaryReader,
  { field, wireType }: { readonly field: number; readonly wireType: WireType },
): bigint | Uint8Array | undefined {
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
