import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { PushServiceError } from '../errors.ts';
import { type DataFiles, unusable } from './data-files.ts';
import { type FileHeader, readFileHeader } from './file-header.ts';
import { isMarked, type Mark, markOf } from './file-mark.ts';
import { haveRest, logFrames, readLogHeader } from './log-frames.ts';

/**
 * After kill -9 the log is still there. SQLite applies it to whatever file lies beside it, also to a backup that was put there, which
 * damages it. This compares what the log says of its file with the header of the file, and changes neither.
 *
 * Call it as the owner, before this process opens the database: a process loses its locks on a file that it closes.
 *
 * @throws {PushServiceError} `data-folder-unusable`
 */
export function refuseForeignLog(files: DataFiles): void {
  if ((statSync(files.wal, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  const header = headerOf(files.database);
  const known = knownOf(files);
  if (header === undefined || known === undefined) return;
  if (!isMarked(header, known)) throw foreignLog(files);
}

/**
 * Refuses a file whose end was cut off, before SQLite fills the gap with zeros. Where there is no log, SQLite itself refuses it. Call it as
 * the owner, before this process opens the database.
 *
 * @throws {PushServiceError} `data-folder-unusable`
 */
export function refuseCutShort({ database, wal }: DataFiles): void {
  if (!existsSync(wal)) return;
  const { size } = statSync(database);
  const descriptor = openSync(wal, 'r');
  try {
    const header = readLogHeader(descriptor);
    if (header === undefined) return;
    const { pageBytes } = header;
    const frames = [...logFrames(descriptor, { from: 1, to: Number.POSITIVE_INFINITY })];
    const pages = frames.findLast(({ pagesAfter }) => pagesAfter > 0)?.pagesAfter ?? 0;
    if (haveRest(frames, { there: Math.floor(size / pageBytes), pages, pageBytes })) return;
  } finally {
    closeSync(descriptor);
  }
  throw unusable(
    `${database} was cut short: neither the file nor its log ${wal} has all of its pages. Nothing was changed. Copy both to another ` +
      'folder before you remove anything. Then restore the folder, or delete both',
  );
}

/** Of the file alone: SQLite itself would say what the log has. */
function headerOf(path: string): FileHeader | undefined {
  const descriptor = openSync(path, 'r');
  try {
    return readFileHeader(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** What the file may have, as the log says; undefined where an earlier release wrote both. */
function knownOf(files: DataFiles): Mark | undefined {
  // A connection that only reads leaves the log as it is.
  const reading = new DatabaseSync(files.database, { readOnly: true, timeout: 0 });
  try {
    const table = reading.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'file_mark'").get();
    if (table === undefined) return undefined;
    return markOf(reading);
  } catch (error) {
    throw foreignLog(files, error);
  } finally {
    reading.close();
  }
}

function foreignLog({ database, wal, sharedMemory }: DataFiles, cause?: unknown): PushServiceError {
  return unusable(
    `the log ${wal} does not belong to ${database}: another file was put in its place. Nothing was changed. The log may have ` +
      'the only copy of what was kept last, so copy both files to another folder before you remove anything. If you restored a backup ' +
      `and want to go on with it, then remove the log and ${sharedMemory}, and start again. If you want what was kept last, put the ` +
      'file back that the log belongs to. If nobody replaced the file, remove nothing and report it',
    cause,
  );
}
