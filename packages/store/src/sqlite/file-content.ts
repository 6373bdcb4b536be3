import { type Stats, statSync } from 'node:fs';
import { StoreError } from '../errors.ts';
import { readHeader } from './file-header.ts';
import type { FileStamp } from './file-stamp.ts';
import type { FileWatch } from './file-watch.ts';

/**
 * Notices that somebody wrote another database over the file, which keeps its inode: `cp backup.db belfry.db`. Or that somebody cut
 * off the end of the file.
 */
export interface FileContent {
  /**
   * Looks at the header of the file and at its end where its time or size, as `FileWatch` saw it last, changed since the last call.
   *
   * @throws {StoreError} `store-replaced`
   */
  check(): void;
  /** The same, and also looks where the file was written so lately that its time may not tell. */
  checkAll(): void;
  /** Takes the file's time as seen, after this connection has moved a part of the WAL into it. */
  noteCheckpoint(): void;
}

export interface WatchContentOptions {
  readonly stamp: FileStamp;
  readonly files: FileWatch;
}

export function watchContent(path: string, { stamp, files }: WatchContentOptions): FileContent {
  let seen: Stats | undefined;
  /** As of the last call of `checkAll`. */
  let ticked: Stats | undefined;
  let isSettled = false;

  function look(): void {
    const header = readHeader(path);
    if (header === 'no database') throw overwritten(path);
    if (header !== 'unreadable' && stamp.isForeign(header)) throw overwritten(path);
    if (!files.isDatabaseWhole()) throw cutShort(path);
  }

  return {
    check() {
      const found = files.databaseStats();
      if (isSame(found, seen)) return;
      look();
      seen = found;
    },
    checkAll() {
      const found = files.databaseStats();
      const isUnchanged = isSame(found, ticked);
      if (isUnchanged && isSettled) return;
      look();
      // Times have steps of some milliseconds. So one more look is needed after the time stands still.
      isSettled = isUnchanged;
      ticked = found;
      seen = found;
    },
    noteCheckpoint() {
      seen = statSync(path, { throwIfNoEntry: false });
    },
  };
}

function overwritten(path: string): StoreError {
  return replaced(path, `Another database was written over ${path}`);
}

function cutShort(path: string): StoreError {
  return replaced(path, `The end of ${path} was cut off`);
}

function replaced(path: string, what: string): StoreError {
  return new StoreError(
    'store-replaced',
    `${what} while the store was open, so nothing is stored any more, and neither the file nor its write-ahead log ${path}-wal ` +
      'is changed. The log has what was stored last: stop this process, and copy both to another folder before you remove anything. ' +
      'docs/guides/scaling.md says how to go on',
  );
}

function isSame(one: Stats | undefined, other: Stats | undefined): boolean {
  return one?.mtimeMs === other?.mtimeMs && one?.ctimeMs === other?.ctimeMs && one?.size === other?.size;
}
