import type { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import type { SqliteEffects } from './effects.ts';
import type { Fence } from './fence.ts';
import type { FileContent } from './file-content.ts';
import type { FileStamp } from './file-stamp.ts';
import type { FileWatch } from './file-watch.ts';
import type { Ownership } from './ownership.ts';
import { boundWal, moveWal } from './wal-bound.ts';

/** Makes sure that the store is still this process's, and its files still those at its path. */
export interface StoreGuard {
  /** Why nothing may be stored any more; undefined while all is well. */
  readonly lost: StoreError | undefined;
  /** Whether the WAL does not belong to what is in the file, so that nothing may move it there, nor remove it. */
  readonly isDamaged: boolean;
  /** Before each transaction that writes. Throws what `lost` is from then on. */
  beforeTransaction(): void;
  /** In each transaction that writes, before anything else. Throws what `lost` is from then on. */
  beforeWrites(): void;
  /** After each commit, before anybody hears of it. Throws what `lost` is from then on. */
  afterCommit(): void;
  /** A few times a second, between the transactions: a store that nobody writes to is looked after too. Throws nothing. */
  tick(): void;
  /** Before the last checkpoint, which closing the database does. Throws nothing. */
  beforeClose(): void;
}

export interface GuardedStore {
  readonly database: DatabaseSync;
  readonly ownership: Ownership;
  readonly fence: Fence;
  readonly stamp: FileStamp;
  readonly files: FileWatch;
  readonly content: FileContent;
  readonly effects: SqliteEffects;
}

export function guardStore(store: GuardedStore): StoreGuard {
  const { database, ownership, fence, stamp, files, content, effects } = store;
  let lost: StoreError | undefined;
  let isDamaged = false;
  const bound = boundWal({ database, files, effects });
  const move = moveWal(database, files);

  /** @param settle whether what is in the WAL can be moved into the file, where the check finds that the store is lost */
  function guarded(check: () => void, settle: () => ReturnType<FileWatch['settleWal']> = files.settleWal): void {
    if (lost !== undefined) throw lost;
    try {
      check();
    } catch (error) {
      if (error instanceof StoreError && error.code === 'store-replaced') {
        lost = error;
        const settled = settle();
        isDamaged = settled !== 'whole';
        if (settled === 'whole') saveWal();
      }
      throw error;
    }
  }

  /**
   * A file that was written over is not the one that the WAL belongs to. The next start says so, and needs both as they are. One that was
   * moved meanwhile, with another in its place, has what was acknowledged in its WAL.
   */
  function settleOverwritten(): ReturnType<FileWatch['settleWal']> {
    return files.isInPlace() ? 'damaged' : files.settleWal();
  }

  /**
   * What was acknowledged before is partly in the WAL, which a file that was moved leaves behind. The descriptors still lead to
   * both, so it can be moved into the database. Where another process has begun a WAL of its own, the database is that
   * process's: writing into it would destroy it.
   */
  function saveWal(): void {
    if (database.isTransaction) return;
    try {
      database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // Then it stays in the WAL.
    }
  }

  /** What was committed before is on disk. Where this fails, the next commit tries again. */
  function moveLongWal(): void {
    try {
      if (move()) content.noteCheckpoint();
    } catch {
      // Such as a full disk, which the next call reports.
    }
  }

  /** In a commit of its own, since nobody knows before a commit that it begins a WAL: once in 4 MB. */
  function repeatStamp(): void {
    try {
      stamp.repeat();
    } catch {
      // What was committed before is on disk. The next commit tries again.
    }
  }

  return {
    get lost() {
      return lost;
    },
    get isDamaged() {
      return isDamaged;
    },
    beforeTransaction: () => guarded(files.checkWal),
    beforeWrites: () => guarded(fence.check),
    afterCommit() {
      guarded(files.check);
      guarded(content.check, settleOverwritten);
      repeatStamp();
      moveLongWal();
    },
    tick() {
      if (lost !== undefined) return;
      try {
        guarded(files.checkAll);
        guarded(content.checkAll, settleOverwritten);
        ownership.renew();
        if (fence.needsCheck()) {
          database.exec('BEGIN IMMEDIATE');
          guarded(fence.check);
          database.exec('COMMIT');
        }
        stamp.keep();
        bound();
      } catch {
        // `lost` says what matters. What else fails here, such as a disk, fails the next call too, which reports it.
        if (database.isTransaction) database.exec('ROLLBACK');
      }
    },
    beforeClose() {
      try {
        guarded(files.checkAll);
        guarded(content.checkAll, settleOverwritten);
      } catch {
        // `lost` says it.
      }
    },
  };
}

/** For a store in memory, which has no files and no other process. */
export const UNGUARDED: StoreGuard = {
  lost: undefined,
  isDamaged: false,
  beforeTransaction() {},
  beforeWrites() {},
  afterCommit() {},
  tick() {},
  beforeClose() {},
};
