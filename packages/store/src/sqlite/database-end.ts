import { closeSync, openSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';
import { integer } from './row.ts';
import { errnoOf, type StoreFiles } from './store-files.ts';
import { countsFrames } from './wal-end.ts';
import { type Frame, readWalHeader, walFrames } from './wal-frames.ts';

/**
 * Notices that somebody cut off the end of the database file.
 *
 * The file may be shorter than the database: a page that was added lies in the WAL until a checkpoint moves it. So each page behind the
 * end of the file has to be in a frame that no checkpoint has moved yet. This holds after VACUUM too, where a checkpoint makes the file
 * shorter, and where a checkpoint was interrupted.
 */
export interface DatabaseEnd {
  /** Takes 10 µs, and 2 µs for each frame of the WAL where the file is shorter than the database. */
  isWhole(): boolean;
}

/** Another process may move the WAL, or begin it anew, during a look. It does not do so each time. */
const LOOKS = 3;

/** @param wal a descriptor */
export function watchDatabaseEnd(
  connection: DatabaseSync,
  { path, wal }: { readonly path: string; readonly wal: number },
): DatabaseEnd {
  const pageBytes = integer(connection.prepare('PRAGMA page_size').get() ?? {}, 'page_size');
  const pageCount = connection.prepare('PRAGMA page_count');
  const count = countsFrames(connection) ? connection.prepare('PRAGMA wal_checkpoint(NOOP)') : undefined;

  function frames(): { readonly inWal: number; readonly moved: number } {
    const row = count?.get() ?? {};
    const [inWal, moved] = [Number(row['log'] ?? -1), Number(row['checkpointed'] ?? -1)];
    // SQLite does not say it on Node 22, nor while another connection moves the WAL. Then each frame counts as not moved.
    return inWal < 0 || moved < 0 ? { inWal: Number.POSITIVE_INFINITY, moved: 0 } : { inWal, moved };
  }

  /** A page that is moved or added during the look is in a frame that counts as not moved. */
  function looksWhole(): boolean {
    const { moved } = frames();
    const filePages = Math.floor((statSync(path, { throwIfNoEntry: false })?.size ?? 0) / pageBytes);
    if (filePages === 0) return false;
    const pages = integer(pageCount.get() ?? {}, 'page_count');
    if (pages <= filePages) return true;
    const unmoved = walFrames(wal, { from: moved + 1, to: frames().inWal });
    return haveAll(unmoved, { filePages, pages, pageBytes });
  }

  return {
    isWhole() {
      for (let look = 0; look < LOOKS; look++) if (looksWhole()) return true;
      return false;
    },
  };
}

/**
 * Refuses a file that was cut short, while its WAL is still there, before SQLite fills the gap with zeros. (Without a WAL SQLite itself
 * refuses it.) After a crash SQLite moves each frame once more. Call it as the owner, before this process opens the database.
 *
 * @throws {StoreError} `store-failed`
 */
export function refuseCutShort({ database, wal }: StoreFiles): void {
  const size = statSync(database, { throwIfNoEntry: false })?.size;
  if (size === undefined) return;
  const descriptor = openWal(wal);
  if (descriptor === undefined) return;
  try {
    const header = readWalHeader(descriptor);
    if (header === undefined) return;
    const { pageBytes } = header;
    const all = [...walFrames(descriptor, { from: 1, to: Number.POSITIVE_INFINITY })];
    const pages = all.findLast(({ pagesAfter }) => pagesAfter > 0)?.pagesAfter ?? 0;
    if (haveAll(all, { filePages: Math.floor(size / pageBytes), pages, pageBytes })) return;
  } finally {
    closeSync(descriptor);
  }
  throw new StoreError(
    'store-failed',
    `The SQLite store ${database} was cut short: neither the file nor its write-ahead log ${wal} has all of its pages. Nothing was ` +
      'changed. Copy both to another folder before you remove anything, since they may have the only copy of what was stored last. ' +
      'Then restore a backup: remove the log first, and put the backup in the place of the file',
  );
}

function openWal(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

interface Pages {
  readonly filePages: number;
  /** Of the database. */
  readonly pages: number;
  readonly pageBytes: number;
}

/** Whether the frames have each page behind the end of the file. */
function haveAll(frames: Iterable<Frame>, { filePages, pages, pageBytes }: Pages): boolean {
  // SQLite never writes the page that has its locks (sqlite.org/fileformat2.html#the_lock_byte_page).
  const lockPage = Math.floor(0x4000_0000 / pageBytes) + 1;
  const isLockPageBehind = lockPage > filePages && lockPage <= pages;
  const missing = pages - filePages - (isLockPageBehind ? 1 : 0);
  if (missing <= 0) return true;
  const found = new Set<number>();
  for (const { page } of frames) {
    if (page > filePages && page <= pages) found.add(page);
    if (found.size === missing) return true;
  }
  return false;
}
