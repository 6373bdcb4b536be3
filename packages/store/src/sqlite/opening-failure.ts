import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '../errors.ts';
import {
  isLocked,
  SQLITE_CANTOPEN,
  SQLITE_CORRUPT,
  SQLITE_FULL,
  SQLITE_IOERR,
  SQLITE_NOTADB,
  SQLITE_READONLY,
  sqliteCode,
} from './sqlite-code.ts';
import { errnoOf } from './store-files.ts';

/** Says why a file of a store cannot be opened, and what to do. */
export function openingFailure(path: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const said = error instanceof Error ? error.message : 'unknown error';
  return new StoreError('store-failed', `The SQLite store ${path} cannot be opened: ${reason(path, error)} (${said})`, {
    cause: error,
  });
}

function reason(path: string, error: unknown): string {
  if (isLocked(error))
    return 'another process has locked it: end that process, such as an sqlite3 shell, and start again';
  switch (sqliteCode(error)) {
    case SQLITE_NOTADB:
      return 'it is not a database: name another file, or move this one away';
    case SQLITE_CORRUPT:
      return 'it is damaged: restore a backup';
    case SQLITE_FULL:
      return ERRNO_REASONS['ENOSPC'] ?? '';
    case SQLITE_READONLY:
      return 'this process may not write it: check the modes and owners of the file and of its folder';
    case SQLITE_IOERR:
      return 'the disk reported an error: check its free space, its quota and the log of the system';
    case SQLITE_CANTOPEN:
      return whyNotOpened(path);
    case undefined:
    default:
      return ERRNO_REASONS[String(errnoOf(error))] ?? 'SQLite refused';
  }
}

const ERRNO_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist: make it first',
  ENOTDIR: 'a part of its path is a file, not a folder: name another path',
  EISDIR: 'it is a folder: name a file in it',
  ELOOP: 'its symbolic links lead in a circle: name another path',
  ENAMETOOLONG: 'its name is too long: name another path',
  EACCES: 'this process may not write it: check the modes and owners of the file and of its folder',
  EPERM: 'this process may not write it: check the modes and owners of the file and of its folder',
  EROFS: 'it is on a file system that is read-only: mount it writable, or name another path',
  ENOSPC: 'the disk is full: make room, and start again',
  EDQUOT: 'the disk quota of this user is used up: make room, and start again',
  EMFILE: 'this process has no file descriptors left: raise its limit (ulimit -n)',
  ENFILE: 'the system has no file descriptors left: raise its limit (fs.file-max)',
};

/** SQLite says no more than that it could not open a file. */
function whyNotOpened(path: string): string {
  try {
    const folder = dirname(path);
    if (!statSync(folder).isDirectory()) return ERRNO_REASONS['ENOTDIR'] ?? '';
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return ERRNO_REASONS['EISDIR'] ?? '';
    accessSync(folder, constants.W_OK | constants.X_OK);
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) accessSync(path, constants.R_OK | constants.W_OK);
    return 'check its permissions, and the limit of open files of this process (ulimit -n)';
  } catch (error) {
    return ERRNO_REASONS[String(errnoOf(error))] ?? 'check its folder and its permissions';
  }
}
