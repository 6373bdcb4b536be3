import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { integer } from './row.ts';
import { SQLITE_NOTADB, sqliteCode } from './sqlite-code.ts';

/** What `file-stamp.ts` writes into the header of the file. */
export interface HeaderNumbers {
  readonly version: number;
  readonly generation: number;
}

/** Reads `HeaderNumbers` over a connection, so those of the newest commit. */
export const HEADER =
  'SELECT schema_version AS version, application_id AS generation FROM pragma_schema_version, pragma_application_id';

/**
 * Reads the header of the file alone: an immutable database is read without its WAL. SQLite itself opens the file, since it keeps the
 * descriptor until no connection of the process has a lock. A descriptor that Node closes would drop those locks. Measured:
 * 0.1–0.25 ms.
 */
export function readHeader(path: string): HeaderNumbers | 'no database' | 'unreadable' {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  let looking: DatabaseSync | undefined;
  try {
    looking = new DatabaseSync(url, { readOnly: true, defensive: false });
    // The file may be shorter than its header says, as while a checkpoint goes on. SQLite refuses that otherwise.
    looking.exec('PRAGMA writable_schema = ON');
    const row = looking.prepare(HEADER).get() ?? {};
    return { version: integer(row, 'version'), generation: integer(row, 'generation') };
  } catch (error) {
    return sqliteCode(error) === SQLITE_NOTADB ? 'no database' : 'unreadable';
  } finally {
    looking?.close();
  }
}
