import { type BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

export function text(writer: BinaryWriter, field: number, value: string): BinaryWriter {
  return writer.tag(field, WireType.LengthDelimited).string(value);
}

export function int(writer: BinaryWriter, field: number, value: number): BinaryWriter {
  return writer.tag(field, WireType.Varint).int32(value);
}

export function fixed64(writer: BinaryWriter, field: number, value: bigint): BinaryWriter {
  return writer.tag(field, WireType.Bit64).fixed64(value);
}

/** What is written next is the message's, until its `join()`. */
export function message(writer: BinaryWriter, field: number): BinaryWriter {
  return writer.tag(field, WireType.LengthDelimited).fork();
}
