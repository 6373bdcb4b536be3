import type { SQLOutputValue } from 'node:sqlite';

/** A row as node:sqlite returns it. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

// The schema is STRICT, so a column of another type is a fault of the program, not of its data.

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw wrongType(column, 'text');
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw wrongType(column, 'an integer');
  return value;
}

export function integerOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : integer(row, column);
}

export function blob(row: Row, column: string): Uint8Array<ArrayBuffer> {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw wrongType(column, 'a blob');
  return new Uint8Array(value);
}

export function blobOrNull(row: Row, column: string): Uint8Array<ArrayBuffer> | null {
  return row[column] === null ? null : blob(row, column);
}

function wrongType(column: string, expected: string): TypeError {
  return new TypeError(`Column ${column} is not ${expected}`);
}
