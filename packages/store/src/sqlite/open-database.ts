import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import { refuseCutShort } from './database-end.ts';
import { type SqliteEffects, systemEffects } from './effects.ts';
import { askOwner, findOther, takeFence } from './fence.ts';
import { watchContent } from './file-content.ts';
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
  /** Closes the files of a store that was lost, as they are. The owner's lock stays until `close`. */
  leave(): void;
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
    refuseCutShort(files);
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
    const content = watchContent(files.database, { stamp, files: watch });
    const guard = guardStore({ database, ownership, fence, stamp, files: watch, content, effects });
    const keeper = openKeeper(files.database);
    function leave(): void {
      if (!database.isOpen) return;
      watch.close();
      if (!guard.isDamaged) keeper.close();
      database.close();
      if (guard.isDamaged) keeper.close();
    }
    return {
      database,
      guard,
      leave,
      close() {
        guard.beforeClose();
        if (guard.lost === undefined) fence.release();
        leave();
        ownership.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * The last connection that closes the database moves the WAL into it and removes the WAL, but not one that only reads. This one is closed
 * last where the WAL must stay as it is.
 */
function openKeeper(path: string): DatabaseSync {
  const keeper = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    // The first read takes a lock, which the connection keeps in WAL mode.
    keeper.prepare('PRAGMA schema_version').get();
    return keeper;
  } catch (error) {
    keeper.close();
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
  return { database, guard: UNGUARDED, leave() {}, close: () => database.close() };
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
