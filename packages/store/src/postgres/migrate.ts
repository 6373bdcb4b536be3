import { readdirSync, readFileSync } from 'node:fs';
import { escapeIdentifier } from 'pg';
import type { Database } from './database.ts';
import { integer } from './row.ts';
import { demandsOf, newerSchema, SELECT_DEMANDS } from './schema-demands.ts';

const FOLDER = new URL('./migrations/', import.meta.url);

/**
 * Brings the schema up to date: the numbered files that it has not seen, in one transaction, and one process at a time, since
 * several may start together. A schema that a later version wrote is left as it is. Returns the number that this version knows.
 *
 * @throws {StoreError} `store-newer` where the later version says that this one cannot read the schema
 */
export async function migrate(database: Database, schema: string): Promise<number> {
  const files = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sql'))
    .toSorted();
  const known = files.length;
  // Another process may migrate for longer than any other transaction takes.
  const waitForLocks = database.once('SET LOCAL lock_timeout = 0');
  const lock = database.once('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))');
  const hasSchema = database.once('SELECT to_regnamespace($1) IS NOT NULL');
  const createSchema = database.once(`CREATE SCHEMA ${escapeIdentifier(schema)}`);
  const createTable = database.once(`
    CREATE TABLE IF NOT EXISTS belfry.migrations (number INTEGER PRIMARY KEY, ran_at TIMESTAMPTZ NOT NULL DEFAULT now())`);
  const seenSoFar = database.once('SELECT coalesce(max(number), 0) FROM belfry.migrations');
  const demanded = database.once(SELECT_DEMANDS);
  const oldColumn = database.once(`
    SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'key_mismatch_at' AND NOT attisdropped`);
  const rename = database.once('ALTER TABLE belfry.devices RENAME COLUMN key_mismatch_at TO refused_at');
  const markSeen = database.once(`
    INSERT INTO belfry.migrations (number, oldest_reader) SELECT * FROM unnest($1::INTEGER[], $2::INTEGER[])`);

  await database.transaction(async ({ rows }) => {
    await rows(waitForLocks);
    await rows(lock, `belfry migrations of ${schema}`);
    // Not IF NOT EXISTS: where somebody made the schema for it, the store needs no right to make one.
    if ((await rows(hasSchema, escapeIdentifier(schema)))[0]?.[0] !== true) await rows(createSchema);
    await rows(createTable);
    const seen = integer((await rows(seenSoFar))[0]?.[0]);
    if (seen > known) {
      const demands = demandsOf(await rows(demanded, known));
      if (demands.oldestReader > known) throw newerSchema({ ...demands, known });
      return;
    }
    // 0002 was edited after it had landed. A store of before says to have run it, and has the old name of the column.
    const [old] = seen < 2 ? [] : await rows(oldColumn, `${escapeIdentifier(schema)}.devices`);
    if (old !== undefined) await rows(rename);
    const ran: { readonly number: number; readonly oldestReader: number }[] = [];
    for (const [index, name] of files.entries()) {
      if (index < seen) continue;
      const sql = readFileSync(new URL(name, FOLDER), 'utf8');
      await rows(database.once(sql));
      ran.push({ number: index + 1, oldestReader: oldestReaderOf(sql) });
    }
    // All of them at the end, when 0007 has made the second column.
    const columns = [ran.map(({ number }) => number), ran.map(({ oldestReader }) => oldestReader)] as const;
    if (ran.length > 0) await rows(markSeen, ...columns);
  });
  return known;
}

/** A migration that only expands the schema needs no newer reader, so it says nothing: 0. */
function oldestReaderOf(sql: string): number {
  return Number(/^-- oldest_reader: (\d+)$/mv.exec(sql)?.[1] ?? 0);
}
