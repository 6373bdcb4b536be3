import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameReader, MAX_FRAME_BYTES, type McsFrame } from './frame-reader.ts';
import { parseServerMessage, type ServerMessage } from './parse-server-message.ts';

function readAll(chunks: readonly Uint8Array[]): { readonly frames: readonly McsFrame[]; readonly hasFailed: boolean } {
  const reader = new FrameReader();
  const frames = chunks.flatMap((chunk) => [...reader.read(chunk)]);
  return { frames, hasFailed: reader.hasFailed };
}

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const oneByOne = (all: Uint8Array): Uint8Array[] => [...all].map((byte) => Uint8Array.of(byte));

test('after the version come frames of a tag and a payload, which may be empty', () => {
  expect(readAll([bytes('2900000803010203'), bytes('0400')])).toEqual({
    frames: [
      { tag: 0, payload: new Uint8Array() },
      { tag: 8, payload: Uint8Array.of(1, 2, 3) },
      { tag: 4, payload: new Uint8Array() },
    ],
    hasFailed: false,
  });
});

test('the longest frame is the same byte by byte', () => {
  const payload = new Uint8Array(MAX_FRAME_BYTES).fill(7);
  const stream = Uint8Array.of(0x29, 0x08, 0x80, 0x80, 0x01, ...payload);
  expect(readAll(oneByOne(stream))).toEqual({ frames: [{ tag: 8, payload }], hasFailed: false });
});

test.each([
  ['another version', '28'],
  ['a length beyond the limit', '2908818001'],
  ['the longest length that 32 bits hold', '2908ffffffff0f'],
  ['a length padded with a fourth byte', '290881808000'],
  ['a length that never ends', '290880808080808080'],
])('%s is refused as soon as it is read, and what follows is ignored', (_what, hex) => {
  expect(readAll([bytes(hex), bytes('00000000')])).toEqual({ frames: [], hasFailed: true });
});

/** The messages in it, which are the same however it is cut. */
function messagesOf(all: Uint8Array, cuts: readonly number[]): readonly ServerMessage[] {
  const bounds = [0, ...cuts, all.length].toSorted((one, other) => one - other);
  const whole = readAll([all]);
  expect(readAll(bounds.map((bound, index) => all.slice(bound, bounds[index + 1])))).toEqual(whole);
  expect(readAll(oneByOne(all))).toEqual(whole);
  return whole.frames.map(parseServerMessage).filter((message) => message !== undefined);
}

const cutsOf = (max: number) => fc.array(fc.nat(max), { maxLength: 5 });

test('no bytes throw, nor does it matter where they are split', { timeout: 60_000 }, () => {
  // Half of them begin with the version, and short lengths are likely.
  const values = fc.array(fc.oneof(fc.nat(24), fc.nat(255)), { maxLength: 100 });
  const streams = fc
    .tuple(fc.boolean(), values)
    .map(([isOpened, rest]) => Uint8Array.from(isOpened ? [41, ...rest] : rest));
  const sameMessages = fc.property(streams, cutsOf(100), (all, cuts) => void messagesOf(all, cuts));
  expect(fc.check(sameMessages, { numRuns: 100_000 })).toMatchObject({ failed: false, numRuns: 100_000 });
});

test('sound messages with one wrong byte throw nothing either', { timeout: 60_000 }, () => {
  const frames = fc.array(fc.tuple(fc.nat(10), fc.array(fc.tuple(fc.nat(23), fc.uint8Array({ maxLength: 9 })))));
  const streams = fc.tuple(frames, fc.nat(400), fc.nat(255)).map(([sound, position, value]) => {
    const writer = new BinaryWriter().raw(Uint8Array.of(41));
    for (const [tag, fields] of sound) {
      const payload = new BinaryWriter();
      for (const [field, content] of fields) payload.tag(field + 1, WireType.LengthDelimited).bytes(content);
      writer.raw(Uint8Array.of(tag)).bytes(payload.finish());
    }
    const stream = writer.finish();
    stream[position] = value;
    return stream;
  });
  let messages = 0;
  fc.assert(
    fc.property(streams, cutsOf(400), (all, cuts) => void (messages += messagesOf(all, cuts).length)),
    { numRuns: 10_000 },
  );
  expect(messages).toBeGreaterThan(1000);
});
