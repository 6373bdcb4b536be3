import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { PushServiceError } from '../errors.ts';
import { SCHEMA, SCHEMA_VERSION } from './schema.ts';

/**
 * Opens the service's database, making its tables where there are none. What a committed statement wrote survives
 * kill -9 and a power cut (WAL, synchronous=FULL).
 *
 * @param path a file, or ':memory:'
 * @throws {PushServiceError} `data-folder-too-new`
 */
export function openDatabase(path: string): DatabaseSync {
  // Endpoints and uaids are capabilities. SQLite gives its -wal and -shm files the mode of this one.
  if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
    if (version === 0) {
      database.exec(`BEGIN IMMEDIATE; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`);
    } else if (version !== SCHEMA_VERSION) {
      throw new PushServiceError(
        'data-folder-too-new',
        `The push service's data has version ${String(version)}, and this release knows ${SCHEMA_VERSION}: ` +
          'use the release that wrote it, or another data folder',
      );
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
