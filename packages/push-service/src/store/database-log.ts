import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { DataFiles } from './data-files.ts';
import {
  FRAME_HEADER_BYTES,
  HEADER_BYTES,
  haveRest,
  logFrames,
  MAGIC,
  SALT_BYTES,
  SALT_IN_FRAME,
  SALT_IN_HEADER,
} from './log-frames.ts';

/** In the shared memory, words of 32 bits in the machine's order: sqlite.org/walformat.html#the_wal_index_header */
const INDEX_WORDS = 25;
const FRAMES_IN_LOG = 4;
const PAGES = 5;
const FRAMES_MOVED = 24;
/** Another process may begin or empty the log between two reads of a look. It does not do so each time. */
const LOOKS = 3;

/** SQLite's own limit. */
const MOVED_FRAMES = 1000;

/** The log's usual size is 4 MB. */
const LOG_LIMIT_BYTES: number = 16 * 1024 * 1024;

/** The database's log. Notices that somebody cut it, and moves it into the database. */
export class DatabaseLog {
  readonly #log: number;
  readonly #header = Buffer.alloc(SALT_IN_HEADER + SALT_BYTES);
  readonly #salt = Buffer.alloc(SALT_BYTES);
  readonly #sharedMemory: number;
  readonly #index = new Uint32Array(INDEX_WORDS);
  readonly #move: StatementSync;
  readonly #pageBytes: number;
  readonly #frameBytes: number;
  #last: { readonly id: bigint; readonly frames: number } | undefined;

  /** Call it when all files are there, with the database open. */
  constructor({ wal, sharedMemory }: DataFiles, connection: DatabaseSync) {
    this.#log = openSync(wal, 'r+');
    // `PRAGMA wal_checkpoint(NOOP)` counts the frames too, but SQLite before 3.51 (Node 22) moves the log at it.
    this.#sharedMemory = openSync(sharedMemory, 'r');
    this.#move = connection.prepare('PRAGMA wal_checkpoint(PASSIVE)');
    // SQLite would move the log within a commit, before anybody can look whether it belongs to what is in the file.
    connection.exec('PRAGMA wal_autocheckpoint = 0');
    // A log that grew while somebody read is cut when it begins anew.
    connection.exec(`PRAGMA journal_size_limit = ${LOG_LIMIT_BYTES}`);
    this.#pageBytes = Number(connection.prepare('PRAGMA page_size').get()?.['page_size']);
    this.#frameBytes = FRAME_HEADER_BYTES + this.#pageBytes;
  }

  /** Another one in each log, as of the last look. */
  get id(): bigint {
    return this.#header.readBigUInt64BE(SALT_IN_HEADER);
  }

  /** Looks at the log: whether it has all the frames that the index in the shared memory counts. */
  isWhole(): boolean {
    for (let look = 0; look < LOOKS; look++) if (this.#looksWhole()) return true;
    return false;
  }

  #looksWhole(): boolean {
    const frames = this.#count().inLog;
    // A checkpoint may empty the log. Then its index is empty too.
    if (this.#readHeader() === 0) return frames === 0;
    if (!this.#isLog()) return false;
    if (frames > 0 && fstatSync(this.#log).size < HEADER_BYTES + frames * this.#frameBytes) return false;
    // A commit after a cut writes behind the end that the log had before, and leaves zeros.
    const last = this.#last;
    if (last?.id === this.id && last.frames <= frames && this.#idOfFrame(last.frames) !== this.id) return false;
    this.#last = frames > 0 ? { id: this.id, frames } : undefined;
    return true;
  }

  /**
   * Whether each page behind the end of the file is in a frame that was not moved into the file yet. Otherwise somebody has cut off the
   * end of the file: the file is shorter than the database only while the log has the pages that were added.
   *
   * @param size of the file at this moment, in bytes
   */
  hasRest(size: () => number): boolean {
    for (let look = 0; look < LOOKS; look++) if (this.#looksComplete(size)) return true;
    return false;
  }

  #looksComplete(size: () => number): boolean {
    const { moved } = this.#count();
    const there = Math.floor(size() / this.#pageBytes);
    const { inLog, pages } = this.#count();
    if (pages <= there) return true;
    const frames = logFrames(this.#log, { from: moved + 1, to: inLog });
    return haveRest(frames, { there, pages, pageBytes: this.#pageBytes });
  }

  /** Moves a long log into the database. Call it after a look at both. */
  moveIfLong(): void {
    if ((this.#last?.frames ?? 0) < MOVED_FRAMES) return;
    try {
      this.#move.get();
    } catch {
      // Such as a full disk. What was committed is kept all the same. The next call tries again.
    }
  }

  /**
   * Empties a log that was cut where the database has all that is left of it already, and more. The next start would
   * put older pages in the place of newer ones.
   */
  dropOutdated(): void {
    const { inLog, moved } = this.#count();
    let left = 0;
    if (this.#readHeader() !== 0 && this.#isLog()) {
      while (left < inLog && this.#idOfFrame(left + 1) === this.id) left++;
    }
    if (left <= moved) ftruncateSync(this.#log);
  }

  /** The database has `pages`, its file and its log together. */
  #count(): { readonly inLog: number; readonly moved: number; readonly pages: number } {
    readSync(this.#sharedMemory, this.#index, 0, this.#index.byteLength, 0);
    const { [FRAMES_IN_LOG]: inLog = 0, [FRAMES_MOVED]: moved = 0, [PAGES]: pages = 0 } = this.#index;
    return { inLog, moved, pages };
  }

  /** How many bytes there are of it. */
  #readHeader(): number {
    return readSync(this.#log, this.#header, 0, this.#header.length, 0);
  }

  #isLog(): boolean {
    return (this.#header.readUInt32BE() & ~1) === MAGIC;
  }

  #idOfFrame(frame: number): bigint | undefined {
    const position = HEADER_BYTES + (frame - 1) * this.#frameBytes + SALT_IN_FRAME;
    const read = readSync(this.#log, this.#salt, 0, SALT_BYTES, position);
    return read < SALT_BYTES ? undefined : this.#salt.readBigUInt64BE();
  }

  /** Call it when no connection has the database open: SQLite has locks on the shared memory. */
  close(): void {
    closeSync(this.#log);
    closeSync(this.#sharedMemory);
  }
}
