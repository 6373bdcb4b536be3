import { hash } from 'node:crypto';
import type { SQLOutputValue } from 'node:sqlite';
import type { Row } from '../sqlite/row.ts';
import type { ColumnPlan, TablePlan } from './table-plan.ts';

// A table's checksum is the sum, over its rows, of the first 48 bits of SHA-256 of the row's text, which both engines write
// the same: so the order of the rows does not matter, and a row that is missing, twice or another one does.

const BETWEEN_COLUMNS = '\u001f';
const NULL = '\u001e';

/** A row as text, from what SQLite answers. */
export function rowText(columns: readonly ColumnPlan[], row: Row): string {
  return columns.map((column) => valueText(column, row[column.name] ?? null)).join(BETWEEN_COLUMNS);
}

export function rowHash(text: string): bigint {
  return BigInt(hash('sha256', text, 'buffer').readUIntBE(0, 6));
}

/** SQL that answers the rows of a table and their checksum, both as text. */
export function checksumSql({ name, columns }: TablePlan): string {
  const texts = columns.map((column) => `coalesce(${columnText(column)}, U&'\\001e')`);
  const sha256 = `sha256(convert_to(concat_ws(U&'\\001f', ${texts.join(', ')}), 'UTF8'))`;
  return `
    SELECT count(*)::text, coalesce(sum(('x' || encode(substring(${sha256} FROM 1 FOR 6), 'hex'))::bit(48)::bigint), 0)::text
    FROM belfry.${name}`;
}

function valueText({ type }: ColumnPlan, value: SQLOutputValue): string {
  if (value === null) return NULL;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex');
  switch (type) {
    case 'float8':
      return float8Hex(Number(value));
    case 'jsonb':
      return countsText(String(value));
    case 'bigint':
    case 'integer':
    case 'text':
    case 'bytea':
      return String(value);
  }
}

function columnText({ name, type }: ColumnPlan): string {
  switch (type) {
    case 'bytea':
      return `encode(${name}, 'hex')`;
    case 'float8':
      return `encode(float8send(${name}), 'hex')`;
    case 'jsonb':
      return `(SELECT coalesce(string_agg(key || value, ',' ORDER BY key COLLATE "C"), '') FROM jsonb_each_text(${name}))`;
    case 'bigint':
    case 'integer':
    case 'text':
      return `${name}::text`;
  }
}

/** Every bit of it: the two write small numbers differently. */
function float8Hex(value: number): string {
  const octets = Buffer.alloc(8);
  octets.writeDoubleBE(value);
  return octets.toString('hex');
}

/** JSONB keeps no order, so the names are put into one. */
function countsText(json: string): string {
  const counts: Readonly<Record<string, unknown>> = JSON.parse(json);
  return Object.entries(counts)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}${String(value)}`)
    .join(',');
}
