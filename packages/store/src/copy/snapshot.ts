import { existsSync, readdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import { integer, type Row } from '../sqlite/row.ts';
import { refuseForeignWal } from '../sqlite/foreign-wal.ts';
import { isLocked } from '../sqlite/sqlite-code.ts';
import { locateStore } from '../sqlite/store-files.ts';
import type { TablePlan } from './table-plan.ts';

/** A SQLite store as it was at one moment, whatever is written to it meanwhile. */
export interface Snapshot {
  /** A server has the store open. */
  readonly isInUse: boolean;
  countRows(table: TablePlan): number;
  /** The table's columns, row by row. */
  rows(table: TablePlan): Iterable<Row>;
  /** The highest id that the table ever gave out; 0 where it gave out none. */
  lastIdentity(table: TablePlan): number;
  close(): void;
}

const MIGRATIONS = new URL('../sqlite/migrations/', import.meta.url);

/**
 * Reads in one transaction: in WAL mode that neither waits for a running server nor makes it wait. The file is not changed.
 *
 * @throws {StoreError} `store-newer`; `store-failed` where there is no store, or an older one
 */
export function openSnapshot(path: string): Snapshot {
  if (!existsSync(path)) throw new StoreError('store-failed', `There is no file ${path}`);
  const isInUse = isOwned(path);
  // The WAL of a server that runs is its own. Its process may be this one, whose locks a look at the file would drop.
  if (!isInUse) refuseForeignWal(locateStore(path));
  const database = refusing(path, () => new DatabaseSync(path, { readOnly: true, timeout: 5000 }));
  try {
    refusing(path, () => {
      database.exec('BEGIN');
      // The transaction sees the store as it is at its first read, which is this one.
      checkSchema(path, integer(database.prepare('PRAGMA user_version').get() ?? {}, 'user_version'));
    });
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    isInUse,
    countRows: ({ name }) => integer(database.prepare(`SELECT count(*) AS rows FROM ${name}`).get() ?? {}, 'rows'),
    *rows({ name, columns }) {
      const selected = columns.map((column) => `${column.from} AS ${column.name}`);
      const rows = database.prepare(`SELECT ${selected.join(', ')} FROM ${name}`).iterate();
      for (let next = rows.next(); next.done !== true; next = rows.next()) yield next.value;
    },
    lastIdentity({ name }) {
      const row = database.prepare('SELECT seq FROM sqlite_sequence WHERE name = ?').get(name);
      return row === undefined ? 0 : integer(row, 'seq');
    },
    close: () => database.close(),
  };
}

function checkSchema(path: string, schema: number): void {
  const known = readdirSync(MIGRATIONS).filter((name) => name.endsWith('.sql')).length;
  if (schema > known) {
    throw new StoreError(
      'store-newer',
      `${path} has schema ${schema} and this version of Belfry knows ${known}: copy it with the newer version`,
    );
  }
  if (schema === 0) throw new StoreError('store-failed', `${path} is not a Belfry store`);
  if (schema < known) {
    throw new StoreError(
      'store-failed',
      `${path} has schema ${schema} and this version of Belfry copies ${known}: start a server of this version on it once`,
    );
  }
}

/** Whether somebody has the owner's lock (see sqlite/ownership.ts), which is taken for a moment to find out. */
function isOwned(path: string): boolean {
  const { owner: file } = locateStore(path);
  if (!existsSync(file)) return false;
  const owner = new DatabaseSync(file, { timeout: 0 });
  try {
    owner.exec('BEGIN IMMEDIATE; ROLLBACK');
    return false;
  } catch (error) {
    return isLocked(error);
  } finally {
    owner.close();
  }
}

/** SQLite's messages do not name the file. */
function refusing<Result>(path: string, open: () => Result): Result {
  try {
    return open();
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const message = error instanceof Error ? error.message : 'unknown error';
    throw new StoreError('store-failed', `SQLite refused ${path}: ${message}`);
  }
}
