import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameReader } from './frame-reader.ts';

function readAll(chunks: Iterable<Uint8Array>): unknown {
  const reader = new FrameReader();
  return { frames: [...chunks].flatMap((chunk) => [...reader.read(chunk)]), error: reader.error };
}

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const oneByOne = (all: Uint8Array): Uint8Array[] => [...all].map((byte) => Uint8Array.of(byte));

test('the version comes once, then frames of a tag and a payload, which may be empty', () => {
  expect(readAll([bytes('29 00 00 08 03 010203 04 00')])).toEqual({
    frames: [
      { type: 'version', version: 41 },
      { type: 'message', tag: 0, payload: new Uint8Array() },
      { type: 'message', tag: 8, payload: Uint8Array.of(1, 2, 3) },
      { type: 'message', tag: 4, payload: new Uint8Array() },
    ],
    error: undefined,
  });
});

test('a frame that comes byte by byte is the same frame, with a length of three bytes too', () => {
  const payload = new Uint8Array(65_536).fill(7);
  const stream = new Uint8Array([0x29, 0x08, 0x80, 0x80, 0x04, ...payload]);
  expect(readAll(oneByOne(stream))).toEqual({
    frames: [
      { type: 'version', version: 41 },
      { type: 'message', tag: 8, payload },
    ],
    error: undefined,
  });
});

test.each([
  ['a length beyond the limit', '29 02 818004', 'frame-too-large'],
  ['the longest length that 32 bits hold', '29 02 ffffffff0f', 'frame-too-large'],
  ['a length padded with a fourth byte', '29 02 81808000', 'overlong-length'],
  ['a length that never ends', '29 02 80808080808080', 'overlong-length'],
])('%s is refused as soon as it is read, and what follows is ignored', (_name, hex, error) => {
  const version = { type: 'version', version: 41 };
  expect(readAll([bytes(hex), bytes('00 00 00 00')])).toEqual({ frames: [version], error });
});

test('no bytes throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (all) => {
      expect(() => readAll([all])).not.toThrow();
    }),
    { numRuns: 100_000 },
  );
});

test('any bytes, split anywhere, are the same frames', () => {
  // Short lengths are likely, so that frames end within the bytes.
  const stream = fc.array(fc.oneof(fc.nat(5), fc.nat(255)), { maxLength: 200 });
  fc.assert(
    fc.property(stream, fc.array(fc.nat(200)), (values, cuts) => {
      const all = Uint8Array.from(values);
      const bounds = [0, ...cuts, all.length].toSorted((one, other) => one - other);
      const chunks = bounds.map((bound, index) => all.slice(bound, bounds[index + 1] ?? all.length));
      const whole = readAll([all]);
      expect(readAll(chunks)).toEqual(whole);
      expect(readAll(oneByOne(all))).toEqual(whole);
    }),
    { numRuns: 2000 },
  );
});
