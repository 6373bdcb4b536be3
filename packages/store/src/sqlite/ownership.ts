import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import { openingFailure } from './opening-failure.ts';
import { isLocked } from './sqlite-code.ts';
import { identityOf, restrictMode } from './store-files.ts';

/** The lock of the process that has a store. */
export interface Ownership {
  /** Locks the owner file anew where somebody removed or replaced it. */
  renew(): void;
  close(): void;
}

/** For who looks whether the store has an owner, which takes the lock for a moment (see copy/snapshot.ts). */
const PATIENCE_MS = 1000;

/**
 * The lock is held on a database of its own beside the store, so that backups and inspection may read the store while
 * it runs. The system drops it when the process dies, kill -9 included. SQLite keeps its locks by inode, for all threads of
 * a process: a second open in the same process is refused too, and does not touch the lock of the first.
 *
 * It is the lock of a transaction that writes (RESERVED): whoever reads the owner file, such as a backup of the folder, has
 * a lock that does not conflict with it.
 */
export function takeOwnership(path: string): Ownership {
  let locked = lockOwnerFile(path);
  let identity = identityOf(path);
  return {
    renew() {
      if (identityOf(path) === identity) return;
      let again: DatabaseSync;
      try {
        again = lockOwnerFile(path);
      } catch {
        // Another process has the new file. It asks in the database who owns the store (see fence.ts).
        return;
      }
      locked.close();
      locked = again;
      identity = identityOf(path);
    },
    close() {
      locked.close();
    },
  };
}

function lockOwnerFile(path: string): DatabaseSync {
  let owner: DatabaseSync | undefined;
  try {
    owner = new DatabaseSync(path, { timeout: PATIENCE_MS });
    restrictMode(path);
    owner.exec('BEGIN IMMEDIATE');
    return owner;
  } catch (cause) {
    owner?.close();
    throw isLocked(cause) ? storeInUse(cause) : openingFailure(path, cause);
  }
}

export function storeInUse(cause?: unknown): StoreError {
  return new StoreError(
    'store-in-use',
    'Another process has this SQLite store open: stop it first, or give this one a file of its own',
    { cause },
  );
}
