import type { DatabaseSync } from 'node:sqlite';
import type { SqliteEffects } from './effects.ts';
import { integer, integerOrNull } from './row.ts';

/**
 * Marks the database file, and says in each WAL which file it belongs to, so that an opening notices a backup that was put in the
 * place of the file beside a WAL that was left (see foreign-wal.ts).
 *
 * The stamp is the schema version of the file's header (`PRAGMA schema_version`): the one number that SQLite itself changes in each
 * backup. A new stamp at each opening makes a plain copy of an earlier run another file too.
 */
export interface FileStamp {
  /** Stamps the file where it has no stamp, or where somebody changed the schema. A read of the header otherwise. */
  keep(): void;
  /** Writes into the WAL which file it belongs to. Call it when a WAL begins. */
  repeat(): void;
}

/** Far from those that SQLite counts from 1. With the random part it is a positive number of 32 bits. */
const FIRST_STAMP = 0x1000_0000;
/** While somebody reads what was before, no stamp can be set. */
const RETRY_MS = 5000;

/** Statements see a new schema version and prepare themselves again. */
export function stampFile(database: DatabaseSync, { randomId, elapsed }: SqliteEffects): FileStamp {
  let notBefore = 0;
  const version = database.prepare('PRAGMA schema_version');
  const stamped = database.prepare('SELECT stamp FROM owner WHERE id = 1');
  const write = database.prepare('UPDATE owner SET stamp = :stamp, earlier_stamp = :earlier WHERE id = 1');
  const again = database.prepare('UPDATE owner SET earlier_stamp = stamp, wals = wals + 1 WHERE id = 1');
  const forget = database.prepare('UPDATE owner SET stamp = NULL, earlier_stamp = NULL WHERE id = 1');
  const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');

  function stampOf(): number | null {
    return integerOrNull(stamped.get() ?? {}, 'stamp');
  }

  function versionOf(): number {
    return integer(version.get() ?? {}, 'schema_version');
  }

  /** Whether all is in the file: not while somebody reads what was before. */
  function isMoved(): boolean {
    const row = checkpoint.get() ?? {};
    return integer(row, 'busy') === 0 && integer(row, 'log') === integer(row, 'checkpointed');
  }

  function stampAnew(): void {
    if (stampOf() !== null) forget.run();
    if (!isMoved()) return;
    const earlier = versionOf();
    const stamp = FIRST_STAMP + Number.parseInt(randomId().replaceAll('-', '').slice(0, 7), 16);
    // Defensive connections ignore it.
    database.enableDefensive(false);
    try {
      database.exec('BEGIN IMMEDIATE');
      database.exec(`PRAGMA schema_version = ${stamp}`);
      write.run({ stamp, earlier });
      database.exec('COMMIT');
    } finally {
      if (database.isTransaction) database.exec('ROLLBACK');
      database.enableDefensive(true);
    }
    if (isMoved()) again.run();
  }

  return {
    keep() {
      if (elapsed() < notBefore || stampOf() === versionOf()) return;
      notBefore = elapsed() + RETRY_MS;
      stampAnew();
    },
    repeat() {
      again.run();
    },
  };
}
