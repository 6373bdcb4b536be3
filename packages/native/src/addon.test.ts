import { createECDH, randomBytes } from 'node:crypto';
import { branded } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { loadAddon } from './addon.ts';
import { packJobs } from './pack-jobs.ts';

const addon = loadAddon();
const p256dh = branded<Buffer<ArrayBuffer>, 'P256dh'>(Buffer.from(createECDH('prime256v1').generateKeys()));
const auth = branded<Buffer<ArrayBuffer>, 'AuthSecret'>(randomBytes(16));
const { packed } = packJobs([{ p256dh, auth, plaintext: Buffer.from('hello'), paddingBytes: 7 }]);

/** Octets 81 and 82 are the plaintext's length, 83 and 84 the padding's. */
function withOctets(change: Readonly<Record<number, number>>): Uint8Array {
  return Object.assign(Uint8Array.from(packed), change);
}

function detached(): Uint8Array {
  const bytes = Uint8Array.from(packed);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

function shrunk(): Uint8Array {
  const buffer = new ArrayBuffer(packed.length, { maxByteLength: 4096 });
  const bytes = new Uint8Array(buffer, 40);
  buffer.resize(10);
  return bytes;
}

// packJobs never makes these: C is to be safe without it.
describe.runIf(addon !== undefined)('the addon', () => {
  test('encrypts what packJobs packed', async () => {
    expect(await addon?.encryptBatch(packed)).toHaveLength(103 + 5 + 7);
  });

  test.each([
    ['one octet short', packed.subarray(0, -1)],
    ['one octet long', Buffer.concat([packed, Buffer.of(0)])],
    ['its header only', packed.subarray(0, 85)],
    ['half of its header', packed.subarray(0, 40)],
    ['a plaintext that is longer than the batch', withOctets({ 82: 6 })],
    ['a plaintext of 65,535 bytes', withOctets({ 81: 255, 82: 255 })],
    ['padding that makes it too long', withOctets({ 83: 0x0f, 84: 0x95 })],
    ['a compressed point', withOctets({ 0: 2 })],
    ['a hybrid point', withOctets({ 0: 6 })],
    ['more than 1 MiB', new Uint8Array(1024 * 1024 + 1)],
    ['a batch and then rubbish', Buffer.concat([packed, Buffer.alloc(100, 1)])],
  ])('refuses a job with %s', (_what, batch) => {
    expect(() => addon?.encryptBatch(batch)).toThrowError(expect.objectContaining({ code: 'malformed-batch' }));
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a string', 'hello'],
    ['an object like an array', { length: 90, byteLength: 90 }],
    ['an ArrayBuffer', new ArrayBuffer(90)],
    ['a DataView', new DataView(new ArrayBuffer(90))],
    ['wider elements', new Uint16Array(45)],
    ['clamped octets', new Uint8ClampedArray(90)],
    ['a proxy', new Proxy(packed, {})],
  ])('refuses %s', (_what, value) => {
    const call = () => addon && Reflect.apply(addon.encryptBatch, undefined, [value]);
    expect(call).toThrowError(expect.objectContaining({ code: 'malformed-batch' }));
  });

  test.each([
    ['an empty array', new Uint8Array(0)],
    ['a detached one', detached()],
    ['one whose buffer was made smaller', shrunk()],
  ])('answers nothing to %s', async (_what, batch) => {
    expect(await addon?.encryptBatch(batch)).toEqual(new Uint8Array(0));
  });

  test('rejects a batch with a point off the curve', async () => {
    const batch = Buffer.concat([packed, withOctets({ 64: (packed[64] ?? 0) ^ 1 })]);
    await expect(addon?.encryptBatch(batch)).rejects.toMatchObject({ code: 'encryption-failed' });
  });

  test('measures its floor for so many times, and no other value', () => {
    expect(addon?.measureFloor(2)).toBeUndefined();
    expect(() => addon && Reflect.apply(addon.measureFloor, undefined, ['2'])).toThrow('a number');
  });
});
