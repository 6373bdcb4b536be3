import fc from 'fast-check';

/** What a caller that means harm may pass, and what it does to it as soon as the call has returned. */
export interface HostileBatch {
  readonly value: unknown;
  afterwards(): void;
}

const nothing = (): void => {};

/** @param packed a well-formed job, which most are made from */
export function hostileBatches(packed: Uint8Array): fc.Arbitrary<HostileBatch> {
  const octet = fc.integer({ min: 0, max: 255 });
  // Octets 81 to 84 are the two lengths: where reading too far begins.
  const position = fc.oneof(fc.integer({ min: 81, max: 84 }), fc.nat(packed.length - 1));
  const mutated = fc
    .tuple(fc.array(fc.tuple(position, octet), { maxLength: 4 }), fc.integer({ min: 1, max: 5 }), fc.nat(packed.length))
    .map(([changes, copies, cut]) => {
      const bytes = Buffer.concat(Array.from({ length: copies }, () => packed));
      for (const [at, value] of changes) bytes[at + packed.length * (copies - 1)] = value;
      return bytes.subarray(0, bytes.length - (cut % 3 === 0 ? cut : 0));
    });
  const bytes = fc.oneof(mutated, mutated, fc.uint8Array({ maxLength: 500 }));
  return fc.oneof(
    bytes.map((value) => ({ value, afterwards: nothing })),
    // Overwritten while it is worked on.
    bytes.map((value) => ({ value, afterwards: () => void value.fill(0xff) })),
    // Taken away while it is worked on.
    bytes.map((value) => {
      const copy = Uint8Array.from(value);
      return { value: copy, afterwards: () => void structuredClone(copy.buffer, { transfer: [copy.buffer] }) };
    }),
    // Taken away before.
    bytes.map((value) => {
      const copy = Uint8Array.from(value);
      structuredClone(copy.buffer, { transfer: [copy.buffer] });
      return { value: copy, afterwards: nothing };
    }),
    // A view of a buffer that is then made smaller.
    fc.tuple(bytes, fc.nat(100), fc.boolean()).map(([value, size, before]) => {
      const buffer = new ArrayBuffer(value.length, { maxByteLength: 4096 });
      const view = new Uint8Array(buffer);
      view.set(value);
      const shrink = (): void => buffer.resize(Math.min(size, value.length));
      if (before) shrink();
      return { value: view, afterwards: before ? nothing : shrink };
    }),
    // Shared memory.
    bytes.map((value) => {
      const view = new Uint8Array(new SharedArrayBuffer(value.length));
      view.set(value);
      return { value: view, afterwards: () => void view.fill(7) };
    }),
    // A view that ends within its buffer: what lies behind it is not the caller's to read.
    fc.tuple(bytes, fc.nat(64)).map(([value, offset]) => {
      const view = new Uint8Array(new ArrayBuffer(value.length + offset + 64), offset, value.length);
      view.set(value);
      return { value: view, afterwards: nothing };
    }),
    fc.anything({ withTypedArray: true, withBigInt: true, withSparseArray: true }).map((value) => ({
      value,
      afterwards: nothing,
    })),
  );
}
