import { readdirSync, readFileSync } from 'node:fs';
import { escapeIdentifier } from 'pg';
import { StoreError } from '../errors.ts';
import type { Database } from './database.ts';
import { integer } from './row.ts';

const FOLDER = new URL('./migrations/', import.meta.url);

/**
 * Brings the schema up to date: the numbered files that it has not seen, in one transaction, and one process at a time, since
 * several may start together. A schema that a later version wrote is refused and left as it is.
 */
export async function migrate(database: Database, schema: string): Promise<void> {
  const files = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sql'))
    .toSorted();
  const lock = database.once('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))');
  const hasSchema = database.once('SELECT to_regnamespace($1) IS NOT NULL');
  const createSchema = database.once(`CREATE SCHEMA ${escapeIdentifier(schema)}`);
  const createTable = database.once(`
    CREATE TABLE IF NOT EXISTS belfry.migrations (number INTEGER PRIMARY KEY, ran_at TIMESTAMPTZ NOT NULL DEFAULT now())`);
  const seenSoFar = database.once('SELECT coalesce(max(number), 0) FROM belfry.migrations');
  const oldColumn = database.once(`
    SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'key_mismatch_at' AND NOT attisdropped`);
  const rename = database.once('ALTER TABLE belfry.devices RENAME COLUMN key_mismatch_at TO refused_at');
  const markSeen = database.once('INSERT INTO belfry.migrations (number) VALUES ($1)');

  await database.transaction(async ({ rows }) => {
    await rows(lock, `belfry migrations of ${schema}`);
    // Not IF NOT EXISTS: where somebody made the schema for it, the store needs no right to make one.
    if ((await rows(hasSchema, escapeIdentifier(schema)))[0]?.[0] !== true) await rows(createSchema);
    await rows(createTable);
    const seen = integer((await rows(seenSoFar))[0]?.[0]);
    if (seen > files.length) {
      throw new StoreError(
        'store-newer',
        `The store has schema ${seen} and this version of Belfry knows ${files.length}: run the newer version again`,
      );
    }
    // 0002 was edited after it had landed. A store of before says to have run it, and has the old name of the column.
    const [old] = seen < 2 ? [] : await rows(oldColumn, `${escapeIdentifier(schema)}.devices`);
    if (old !== undefined) await rows(rename);
    for (const [index, name] of files.entries()) {
      if (index < seen) continue;
      await rows(database.once(readFileSync(new URL(name, FOLDER), 'utf8')));
      await rows(markSeen, index + 1);
    }
  });
}
