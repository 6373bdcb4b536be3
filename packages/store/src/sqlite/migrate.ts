import { readdirSync, readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import { repairsOf } from './repair-schema.ts';
import { integer } from './row.ts';

const FOLDER = new URL('./migrations/', import.meta.url);

/**
 * Brings the schema up to date: the numbered files that this database has not seen, in one transaction. How many it has
 * seen is kept in `user_version`. A database that a later version wrote is refused and left as it is.
 */
export function migrate(database: DatabaseSync): void {
  const files = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sql'))
    .toSorted();
  const seen = integer(database.prepare('PRAGMA user_version').get() ?? {}, 'user_version');
  if (seen > files.length) {
    throw new StoreError(
      'store-newer',
      `The store has schema ${seen} and this version of Belfry knows ${files.length}: run the newer version again`,
    );
  }
  const repairs = repairsOf(database, seen);
  if (seen === files.length && repairs.length === 0) return;
  database.exec('BEGIN IMMEDIATE');
  for (const sql of repairs) database.exec(sql);
  for (const name of files.slice(seen)) database.exec(readFileSync(new URL(name, FOLDER), 'utf8'));
  // It changes the schema version, which is the stamp of the file.
  database.exec(`UPDATE owner SET stamp = NULL; PRAGMA user_version = ${files.length}`);
  database.exec('COMMIT');
}
