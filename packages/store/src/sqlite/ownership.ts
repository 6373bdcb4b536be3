import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import { openingFailure } from './opening-failure.ts';
import { isLocked } from './sqlite-code.ts';
import { identityOf, restrictMode } from './store-files.ts';

/** The lock of the process that has a store. */
export interface Ownership {
  /** Takes the lock again: it may be gone, and somebody may have removed or replaced the owner file. Throws nothing. */
  renew(): void;
  close(): void;
}

/** For who looks whether the store has an owner, which takes the lock for a moment (see copy/snapshot.ts). */
const PATIENCE_MS = 1000;
/** To take the lock again waits no longer: the thread writes nothing meanwhile, and the next attempt comes soon. */
const RENEW_PATIENCE_MS = 20;

/**
 * The lock is held on a database of its own beside the store, so that backups and inspection may read the store while
 * it runs. The system drops it when the process dies, kill -9 included. SQLite keeps its locks by inode, for all threads of
 * a process: a second open in the same process is refused too, and does not touch the lock of the first.
 *
 * It is the lock of a transaction that writes (RESERVED): whoever reads the owner file, such as a backup of the folder, has
 * a lock that does not conflict with it.
 *
 * A process loses its locks on a file when anything in it closes a descriptor of that file, such as a library that copies the
 * folder. Nobody can ask the system whether the own lock is still there, so the lock is released and taken again. A process
 * that comes in between asks in the database (see fence.ts).
 */
export function takeOwnership(path: string): Ownership {
  let locked = lockOwnerFile(path);
  let identity = identityOf(path);
  return {
    renew() {
      if (identityOf(path) === identity) {
        lockAgain(locked);
        return;
      }
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

function lockAgain(owner: DatabaseSync): void {
  try {
    if (owner.isTransaction) owner.exec('COMMIT');
    owner.exec(`PRAGMA busy_timeout = ${RENEW_PATIENCE_MS}; BEGIN IMMEDIATE`);
  } catch {
    // Another process has it: one that looks for a moment, or one that asks in the database who owns the store.
  }
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
