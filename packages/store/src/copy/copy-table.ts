import type { SQLOutputValue } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import type { Row } from '../sqlite/row.ts';
import type { CopyTarget } from './copy-target.ts';
import { rowHash, rowText } from './row-checksum.ts';
import type { Snapshot } from './snapshot.ts';
import type { TablePlan } from './table-plan.ts';

export interface CopyTable {
  readonly snapshot: Snapshot;
  readonly target: CopyTarget;
  /** Asked between batches; throws to end the copy. */
  onRows(rows: number): void;
}

/** What was read of a table. */
export interface TableSum {
  readonly rows: number;
  readonly checksum: bigint;
}

/** PostgreSQL inserts a batch while the next is read: larger ones are no faster, and their text is held twice. */
const BATCH_ROWS = 2_000;

/** Copies the rows of a table, ids and all. One array for each column: a statement has at most 65,535 values. */
export async function copyTable(table: TablePlan, { snapshot, target, onRows }: CopyTable): Promise<TableSum> {
  const { name, columns } = table;
  const names = columns.map((column) => column.name).join(', ');
  // An array of JSONB would be one of text that is parsed twice.
  const types = columns.map(({ type }, index) => `$${index + 1}::${type === 'jsonb' ? 'text' : type}[]`);
  const values = columns.map((column) => (column.type === 'jsonb' ? `${column.name}::jsonb` : column.name));
  const insert = `
    INSERT INTO belfry.${name} (${names}) OVERRIDING SYSTEM VALUE
    SELECT ${values.join(', ')} FROM unnest(${types.join(', ')}) AS row (${names})`;

  let rows = 0;
  let checksum = 0n;
  let inserting: Promise<unknown> = Promise.resolve();
  let batch = emptyBatch();

  for (const row of snapshot.rows(table)) {
    const text = rowText(columns, row);
    if (text.includes('\0')) throw notCopyable(table, row);
    checksum += rowHash(text);
    rows += 1;
    for (const [index, column] of columns.entries()) batch[index]?.push(row[column.name] ?? null);
    if (rows % BATCH_ROWS === 0) await flush();
  }
  await flush();
  await inserting;
  return { rows, checksum };

  async function flush(): Promise<void> {
    const full = batch;
    batch = emptyBatch();
    await inserting;
    onRows(rows);
    inserting = target.query(insert, full);
    // It is awaited with the next batch; a failure until then must not end the process.
    inserting.catch(() => {});
  }

  function emptyBatch(): SQLOutputValue[][] {
    return columns.map(() => []);
  }
}

/** The row is named by its id, where it has one: no text of it is told. */
function notCopyable({ name, columns }: TablePlan, row: Row): StoreError {
  const column = columns.find((candidate) => String(row[candidate.name]).includes('\0'));
  const key = columns[0]?.name ?? '';
  const where = typeof row[key] === 'number' ? ` where ${key} is ${row[key]}` : '';
  return new StoreError(
    'store-failed',
    `${name}.${column?.name} has a NUL character${where}, which PostgreSQL cannot hold: change that row first`,
  );
}
