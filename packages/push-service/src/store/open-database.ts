import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { PushServiceError } from '../errors.ts';
import { BUSY_TIMEOUT_MS } from '../limits.ts';
import { MIGRATIONS } from './schema.ts';

export interface OpenDatabase {
  readonly database: DatabaseSync;
  close(): void;
}

/**
 * Opens the service's database, alone, and brings its tables up to date. What a committed statement wrote survives
 * kill -9 (WAL, synchronous=NORMAL), and a power cut once `WalSync` has flushed it.
 *
 * @param path a file, or ':memory:'
 * @throws {PushServiceError} `data-folder-in-use`, `data-folder-too-new`
 */
export function openDatabase(path: string): OpenDatabase {
  const ownership = takeOwnership(path);
  if (path !== ':memory:') restrictFiles(path);
  // Waits for whoever looks into the file meanwhile, and holds it for a moment.
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  const close = (): void => {
    database.close();
    ownership.close();
  };
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
    migrate(database);
    return { database, close };
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * Endpoints and uaids are capabilities. SQLite gives new -wal and -shm files the mode of the database. A database that exists is
 * not opened here: a process loses all its POSIX locks on a file, SQLite's among them, when it closes any descriptor of it.
 */
function restrictFiles(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'wx', 0o600));
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}-owner`])
    if (existsSync(file)) chmodSync(file, 0o600);
}

/**
 * Two services would each deliver to their own user agents only, and their messages would be stuck at the other. The lock
 * is on a file of its own, so that the database can be inspected while the service runs; the system drops it when the
 * process dies, kill -9 included.
 */
function takeOwnership(path: string): DatabaseSync {
  const owner = new DatabaseSync(path === ':memory:' ? path : `${path}-owner`);
  try {
    // RESERVED: who reads the file, such as a backup of the folder, has a lock that does not conflict with it.
    owner.exec('BEGIN IMMEDIATE');
    return owner;
  } catch (cause) {
    owner.close();
    throw new PushServiceError(
      'data-folder-in-use',
      'Another push service uses this data folder: stop it first, or give this one a folder of its own',
      { cause },
    );
  }
}

function migrate(database: DatabaseSync): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > MIGRATIONS.length) {
    throw new PushServiceError(
      'data-folder-too-new',
      `The push service's data has version ${version}, and this release knows ${MIGRATIONS.length}: ` +
        'use the release that wrote it, or another data folder',
    );
  }
  const steps = MIGRATIONS.slice(version).join('');
  if (steps !== '') database.exec(`BEGIN IMMEDIATE; ${steps} PRAGMA user_version = ${MIGRATIONS.length}; COMMIT;`);
}
