/** SQLite's primary result code (sqlite.org/rescode.html) of an error of node:sqlite; undefined of another error. */
export function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined;
}

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_NOMEM = 7;
export const SQLITE_READONLY = 8;
export const SQLITE_IOERR = 10;
export const SQLITE_CORRUPT = 11;
export const SQLITE_FULL = 13;
export const SQLITE_CANTOPEN = 14;
const SQLITE_PROTOCOL = 15;
export const SQLITE_NOTADB = 26;

/** Only these two mean that another connection has a lock. */
export function isLocked(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === SQLITE_BUSY || code === SQLITE_LOCKED;
}

/** The file, the disk or the memory failed: a connection may keep pages and locks of before. A new one begins afresh. */
export function isBroken(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== undefined && BROKEN.has(code);
}

const BROKEN: ReadonlySet<number> = new Set([
  SQLITE_NOMEM,
  SQLITE_IOERR,
  SQLITE_CORRUPT,
  SQLITE_CANTOPEN,
  SQLITE_PROTOCOL,
  SQLITE_NOTADB,
]);
