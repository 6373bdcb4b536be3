import { statSync } from 'node:fs';
import { StoreError } from '../errors.ts';
import { identityOf, type StoreFiles } from './store-files.ts';

/** Notices when the files of an open store are no longer those at its path. */
export interface FileWatch {
  /**
   * Looks at the database and its WAL: 2 × stat, 3 µs each. A commit into a file that was removed is on no disk that anybody
   * will read, so it must not be acknowledged.
   *
   * @throws {StoreError} `store-replaced`
   */
  check(): void;
  /** Looks at the shared memory of the WAL too, without which two processes do not see each other's commits. */
  checkAll(): void;
  /** Whether the database lies where it was, beside another WAL or its shared memory: then another process has it. */
  isTaken(): boolean;
  walBytes(): number;
}

/** Call it when all files are there, with the database open. */
export function watchFiles({ database, wal, sharedMemory }: StoreFiles): FileWatch {
  const at = new Map([database, wal, sharedMemory].map((path) => [path, identityOf(path)]));
  const look = (path: string): void => {
    const found = identityOf(path);
    if (found === at.get(path)) return;
    throw new StoreError(
      'store-replaced',
      `${path} was ${found === undefined ? 'moved or deleted' : 'replaced'} while the store was open, so nothing is ` +
        'stored any more: stop this process before you change its files, and start it again',
    );
  };
  return {
    check() {
      look(database);
      look(wal);
    },
    checkAll() {
      for (const path of at.keys()) look(path);
    },
    isTaken() {
      if (identityOf(database) !== at.get(database)) return false;
      return [wal, sharedMemory].some((path) => {
        const found = identityOf(path);
        return found !== undefined && found !== at.get(path);
      });
    },
    walBytes: () => statSync(wal, { throwIfNoEntry: false })?.size ?? 0,
  };
}
