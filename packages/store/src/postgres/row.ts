/** A row's values, in the order of its columns. */
export type Row = readonly unknown[];

// The schema says each column's type, so a value of another is a fault of the program, not of its data.

export function text(value: unknown): string {
  if (typeof value !== 'string') throw wrongType('text');
  return value;
}

export function textOrNull(value: unknown): string | null {
  return value === null ? null : text(value);
}

export function integer(value: unknown): number {
  if (typeof value !== 'number') throw wrongType('an integer');
  return value;
}

export function integerOrNull(value: unknown): number | null {
  return value === null ? null : integer(value);
}

export function bytes(value: unknown): Uint8Array<ArrayBuffer> {
  if (!(value instanceof Uint8Array)) throw wrongType('bytes');
  return new Uint8Array(value);
}

export function bytesOrNull(value: unknown): Uint8Array<ArrayBuffer> | null {
  return value === null ? null : bytes(value);
}

function wrongType(expected: string): TypeError {
  return new TypeError(`A column is not ${expected}`);
}
