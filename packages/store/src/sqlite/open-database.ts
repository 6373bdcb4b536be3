import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import { migrate } from './migrate.ts';

export interface OpenDatabase {
  readonly database: DatabaseSync;
  close(): void;
}

/** Opens the database of one store, alone: a second owner is refused. */
export function openDatabase(path: string): OpenDatabase {
  // The store holds private keys: only its owner may read it. SQLite gives its side files the same mode.
  if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
  const ownership = takeOwnership(path);
  // Milliseconds: somebody who looks into the file with another tool may hold it for a moment.
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    // FULL on every connection: a WAL database would otherwise run at NORMAL, which may lose commits at a power cut.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    migrate(database);
  } catch (error) {
    database.close();
    ownership.close();
    throw error;
  }
  return {
    database,
    close() {
      database.close();
      ownership.close();
    },
  };
}

/** Opens the database beside its owner, which has migrated it, to read only. */
export function openToRead(path: string): OpenDatabase {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  return { database, close: () => database.close() };
}

/**
 * The lock is held on a database of its own beside the store, so that backups and inspection may read the store while
 * it runs. The system drops it when the process dies, kill -9 included.
 */
function takeOwnership(path: string): DatabaseSync {
  const owner = new DatabaseSync(path === ':memory:' ? path : `${path}-owner`);
  try {
    owner.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return owner;
  } catch (cause) {
    owner.close();
    throw new StoreError(
      'store-in-use',
      'Another process has this SQLite store open: stop it first, or give this one a file of its own',
      { cause },
    );
  }
}
