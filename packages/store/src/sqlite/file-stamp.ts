import type { DatabaseSync } from 'node:sqlite';
import type { SqliteEffects } from './effects.ts';
import { HEADER, type HeaderNumbers } from './file-header.ts';
import type { FileWatch } from './file-watch.ts';
import { integer, integerOrNull } from './row.ts';
import { countsFrames } from './wal-end.ts';

/**
 * Marks the database file, and says in each WAL which file it belongs to, so that an opening notices a backup that was put in the
 * place of the file beside a WAL that was left (see foreign-wal.ts).
 *
 * The mark is two numbers of the file's header. The schema version (`PRAGMA schema_version`) is the one that SQLite itself changes in
 * each backup; it is set at each opening. The application id counts the WALs, and the parts of them that were moved into the file:
 * it tells a plain copy that was made in the same run. The schema version would tell it too, but then each WAL would have all statements
 * of all connections prepared again.
 */
export interface FileStamp {
  /**
   * Stamps the file where it has no stamp, or where somebody changed the schema or the application id; or where a part of the WAL was
   * moved into it. A read of the header otherwise. Call it a few times a second.
   */
  keep(): void;
  /** Writes into the WAL which file it belongs to, where the WAL has begun since. Call it after each commit. */
  repeat(): void;
  /** Whether the file that has this header is not the one that the store has open. False where nobody knows. */
  isForeign(inFile: HeaderNumbers): boolean;
}

/** Far from those that SQLite counts from 1. With the random part it is a positive number of 32 bits. */
const FIRST_STAMP = 0x1000_0000;
const GENERATIONS = 2 ** 31;
/**
 * While somebody reads what was before, no stamp can be set. Meanwhile the earlier stamp stays: each change of the schema adds 1 to the
 * schema version, so an opening still knows which versions the file may have (see foreign-wal.ts).
 */
const RETRY_MS = 5000;

/** What the header of the file may have. It is kept in memory, since SQLite reads the table from the file that is there now. */
interface Expected {
  readonly stamps: readonly [number, number];
  /** It begins again behind the largest number. */
  readonly first: number;
  readonly last: number;
}

/** Statements see a new schema version and prepare themselves again. */
export function stampFile(
  database: DatabaseSync,
  { effects, files }: { readonly effects: SqliteEffects; readonly files: FileWatch },
): FileStamp {
  const { randomId, elapsed } = effects;
  let notBefore = 0;
  const header = database.prepare(HEADER);
  const stamped = database.prepare(
    'SELECT stamp, earlier_stamp, generation, earlier_generation FROM owner WHERE id = 1',
  );
  const count = database.prepare('UPDATE owner SET generation = :generation, wals = wals + 1 WHERE id = 1');
  const move = database.prepare('UPDATE owner SET earlier_stamp = stamp, earlier_generation = :earlier WHERE id = 1');
  const write = database.prepare('UPDATE owner SET stamp = :stamp, earlier_stamp = :earlier WHERE id = 1');
  const forget = database.prepare('UPDATE owner SET stamp = NULL, earlier_stamp = NULL WHERE id = 1');
  const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  const look = countsFrames(database) ? database.prepare('PRAGMA wal_checkpoint(NOOP)') : undefined;
  /** At first what the process before this one has left: `takeFence` keeps a stamp only where it is that of this file. */
  let expected = expectedByRow();
  let isStampedAnew = false;
  /** The WAL that was marked last, and how many of its frames were in the file then. */
  let marked = expected && { salt: files.readWalSalt(), moved: movedFrames() };

  function expectedByRow(): Expected | undefined {
    const row = stamped.get() ?? {};
    const stamp = integerOrNull(row, 'stamp');
    const first = integerOrNull(row, 'earlier_generation');
    const last = integerOrNull(row, 'generation');
    if (stamp === null || first === null || last === null) return undefined;
    return { stamps: [stamp, integerOrNull(row, 'earlier_stamp') ?? stamp], first, last };
  }

  function movedFrames(): number {
    return integer(look?.get() ?? { checkpointed: 0 }, 'checkpointed');
  }

  /** Of the header as the WAL has it. */
  function inHeader(): HeaderNumbers {
    const row = header.get() ?? {};
    return { version: integer(row, 'version'), generation: integer(row, 'generation') };
  }

  /** `changed`: another process has changed the schema since. `overwritten`: somebody has set one of the two numbers by hand. */
  function state(): 'stamped' | 'changed' | 'overwritten' | 'unstamped' {
    const { version, generation } = inHeader();
    const row = stamped.get() ?? {};
    const stamp = integerOrNull(row, 'stamp');
    if (stamp === null) return 'unstamped';
    if (version < stamp || integerOrNull(row, 'generation') !== generation) return 'overwritten';
    return version === stamp ? 'stamped' : 'changed';
  }

  /**
   * Whether another process has set the application id by hand: the row has what this process wrote last. A copy of the file that somebody
   * put in its place has an earlier row, of the same age as its header.
   */
  function isSetByHand(last: number): boolean {
    return integerOrNull(stamped.get() ?? {}, 'generation') === last && inHeader().generation !== last;
  }

  /** Moves the WAL into the file; whether all of it is there now: not while somebody reads what was before. */
  function isMoved(): boolean {
    const row = checkpoint.get() ?? {};
    return integer(row, 'busy') === 0 && integer(row, 'log') === integer(row, 'checkpointed');
  }

  /** Whether a part of the WAL was moved into the file since the last mark. */
  function isPartlyMoved(): boolean {
    const row = look?.get();
    if (row === undefined) return false;
    const moved = integer(row, 'checkpointed');
    return moved !== integer(row, 'log') && moved > (marked?.moved ?? moved) && files.readWalSalt() === marked?.salt;
  }

  /** Until the file is stamped anew, nobody knows what it may have. */
  function forgetStamp(): void {
    forget.run();
    expected = undefined;
  }

  /**
   * Writes another application id into the WAL, in a commit of its own.
   *
   * @param of `new`: all that was before is in the file. `same`: nobody knows which of the ids since then the file has
   * @param andWrite with the header from before; where it returns false, nothing is written
   * @returns whether it was written
   */
  function mark(of: 'new' | 'same', andWrite: (before: HeaderNumbers) => boolean = () => true): boolean {
    try {
      database.exec('BEGIN IMMEDIATE');
      // Otherwise the row would say that a number that somebody has set by hand is in the file already.
      if (state() === 'overwritten') forgetStamp();
      const before = inHeader();
      const generation = (before.generation + 1) % GENERATIONS;
      database.exec(`PRAGMA application_id = ${generation}`);
      count.run({ generation });
      if (of === 'new') move.run({ earlier: before.generation });
      if (!andWrite(before)) return false;
      database.exec('COMMIT');
      if (expected !== undefined)
        expected = { ...expected, ...(of === 'new' && { first: before.generation }), last: generation };
    } finally {
      if (database.isTransaction) database.exec('ROLLBACK');
    }
    // This commit may have begun the WAL itself.
    marked = { salt: files.readWalSalt(), moved: movedFrames() };
    return true;
  }

  function stampAnew(): void {
    const { version: earlier } = inHeader();
    if (!isMoved()) return;
    const stamp = FIRST_STAMP + Number.parseInt(randomId().replaceAll('-', '').slice(0, 7), 16);
    setDefensive(database, false);
    try {
      const isWritten = mark('new', ({ version, generation }) => {
        // Somebody changed the schema meanwhile, so the file may have either version. The next call tries again.
        if (version !== earlier) return false;
        database.exec(`PRAGMA schema_version = ${stamp}`);
        write.run({ stamp, earlier });
        // Either holds for the file before and after the commit.
        expected = { stamps: [stamp, earlier], first: generation, last: generation };
        return true;
      });
      if (!isWritten) return;
      isStampedAnew = true;
    } finally {
      setDefensive(database, true);
    }
    if (isMoved()) mark('new');
  }

  function repeat(): void {
    if (files.walSalt() !== marked?.salt) mark('new');
  }

  return {
    keep() {
      // A commit of another process may have begun the WAL.
      if (marked !== undefined) repeat();
      if (isPartlyMoved()) mark('same');
      const found = state();
      if (found === 'stamped' && isStampedAnew && expected !== undefined) return;
      if (found === 'overwritten') forgetStamp();
      if (elapsed() < notBefore) return;
      notBefore = elapsed() + RETRY_MS;
      stampAnew();
    },
    repeat,
    isForeign({ version, generation }) {
      if (expected === undefined) return false;
      const { stamps, first, last } = expected;
      const isStamped = stamps.includes(version) || (version > stamps[0] && version <= inHeader().version);
      if (!isStamped) return true;
      if (first > last || (first <= generation && generation <= last)) return false;
      if (!isSetByHand(last)) return true;
      // The next call of `keep` stamps the file anew.
      expected = undefined;
      return false;
    },
  };
}

/** A defensive connection ignores `PRAGMA schema_version`. Connections of Node 22 are never defensive, and have no such method. */
function setDefensive(database: DatabaseSync, isDefensive: boolean): void {
  if ('enableDefensive' in database) database.enableDefensive(isDefensive);
}
