import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import { type SqliteEffects, systemEffects } from './effects.ts';
import { askOwner, findOther, takeFence } from './fence.ts';
import { stampFile } from './file-stamp.ts';
import { watchFiles } from './file-watch.ts';
import { refuseForeignWal } from './foreign-wal.ts';
import { migrate } from './migrate.ts';
import { refuseMountPoint } from './mount-point.ts';
import { openingFailure } from './opening-failure.ts';
import { type Ownership, takeOwnership } from './ownership.ts';
import { isLocked } from './sqlite-code.ts';
import {
  createDatabaseFile,
  locateStore,
  refuseEmptied,
  refuseHardLinks,
  restrictModes,
  type StoreFiles,
} from './store-files.ts';
import { guardStore, type StoreGuard, UNGUARDED } from './store-guard.ts';
import { BUSY_TIMEOUT_MS } from './wal-bound.ts';

export interface OpenDatabase {
  readonly database: DatabaseSync;
  close(): void;
}

/** The database of a store, with its owner's rights. */
export interface OwnedDatabase extends OpenDatabase {
  readonly guard: StoreGuard;
}

/**
 * Opens the database of one store, alone: a second owner is refused.
 *
 * @throws {StoreError} `store-in-use`, `store-newer`; `store-failed`: its message says what is wrong with the file
 */
export function openDatabase(path: string, effects: SqliteEffects = systemEffects): OwnedDatabase {
  if (path === ':memory:') return openInMemory();
  let ownership: Ownership | undefined;
  try {
    const files = locateStore(path);
    refuseHardLinks(files);
    refuseMountPoint(files);
    ownership = takeOwnership(files.owner);
    refuseEmptied(files);
    refuseForeignWal(files);
    createDatabaseFile(files);
    restrictModes(files);
    return openOwned(files, ownership, effects);
  } catch (error) {
    ownership?.close();
    throw openingFailure(path, error);
  }
}

function openOwned(files: StoreFiles, ownership: Ownership, effects: SqliteEffects): OwnedDatabase {
  const isShared = findOther(files, effects);
  const database = new DatabaseSync(files.database, { timeout: BUSY_TIMEOUT_MS });
  try {
    if (isShared) askOwner(database, effects);
    database.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    useWal(files.database, database);
    migrate(database);
    const fence = takeFence(database, effects);
    const watch = watchFiles(files, database);
    const stamp = stampFile(database, { effects, files: watch });
    stamp.keep();
    const guard = guardStore({ database, ownership, fence, stamp, files: watch, effects });
    return {
      database,
      guard,
      close() {
        if (guard.lost === undefined) fence.release();
        watch.close();
        database.close();
        ownership.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A database in WAL mode stays in it; only another one needs a lock that a reader's lock is in the way of. */
function useWal(path: string, database: DatabaseSync): void {
  try {
    database.exec('PRAGMA journal_mode = WAL');
  } catch (error) {
    if (!isLocked(error)) throw error;
    throw new StoreError(
      'store-failed',
      `The SQLite store ${path} is not in WAL mode yet, and cannot be while another process reads it: ` +
        'end that process, such as an sqlite3 shell, and start again',
      { cause: error },
    );
  }
}

function openInMemory(): OwnedDatabase {
  const database = new DatabaseSync(':memory:');
  database.exec('PRAGMA foreign_keys = ON');
  migrate(database);
  return { database, guard: UNGUARDED, close: () => database.close() };
}

/** Opens the database beside its owner, which has migrated it, to read only. */
export function openToRead(path: string): OpenDatabase {
  try {
    const database = new DatabaseSync(locateStore(path).database, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    return { database, close: () => database.close() };
  } catch (error) {
    throw openingFailure(path, error);
  }
}
