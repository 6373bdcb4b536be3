import { fstatSync, readSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { integer, text } from './row.ts';

/** Notices that somebody cut off the end of the WAL. */
export interface WalEnd {
  /**
   * Whether all frames are there that the index in the shared memory counts. Where a commit came after the cut, it wrote behind the end
   * that the WAL had before, and left zeros: so the last frame before it is looked at. Takes 6 µs.
   */
  isWhole(found: FoundWal): boolean;
  /** As the index said when `isWhole` looked last. */
  lastFrames(): number;
  /** Whether all frames are there that `isWhole` saw last. Takes 4 µs. Call it before a commit, which may write behind a cut. */
  isUncut(): boolean;
  /** How many frames the WAL has from its beginning on, and how many of its frames are in the database. */
  count(): { readonly there: number; readonly moved: number };
}

/** As it was just before. */
export interface FoundWal {
  readonly salt: bigint;
  readonly bytes: number;
}

/** Sizes and places: sqlite.org/fileformat2.html#walformat */
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const SALT_BYTES = 8;
const SALT_IN_HEADER = 16;
const SALT_IN_FRAME = 8;
/** Another process may begin or empty the WAL between two looks. It does not do so each time. */
const LOOKS = 3;

/**
 * Whether `wal_checkpoint(NOOP)` counts frames, and does nothing else. Before SQLite 3.51, which Node 22 has, it is an unknown mode, and
 * moves the WAL into the database.
 */
export function countsFrames(connection: DatabaseSync): boolean {
  const row = connection.prepare('SELECT sqlite_version() AS version').get() ?? {};
  const [major = 0, minor = 0] = text(row, 'version').split('.').map(Number);
  return major > 3 || minor >= 51;
}

/** Where frames are not counted, no cut is noticed, and a WAL is kept for the next start. */
const UNKNOWN_END: WalEnd = {
  isWhole: () => true,
  lastFrames: () => 0,
  isUncut: () => true,
  count: () => ({ there: 1, moved: 0 }),
};

/** @param descriptor of the WAL, also where it was moved or deleted */
export function watchWalEnd(connection: DatabaseSync, descriptor: number): WalEnd {
  if (!countsFrames(connection)) return UNKNOWN_END;
  const logged = connection.prepare('PRAGMA wal_checkpoint(NOOP)');
  const pageBytes = integer(connection.prepare('PRAGMA page_size').get() ?? {}, 'page_size');
  const frameBytes = FRAME_HEADER_BYTES + pageBytes;
  const buffer = Buffer.alloc(SALT_BYTES);
  let last: { readonly salt: bigint; readonly frames: number } | undefined;

  function saltAt(position: number): bigint | undefined {
    return readSync(descriptor, buffer, 0, SALT_BYTES, position) < SALT_BYTES ? undefined : buffer.readBigUInt64BE();
  }

  const saltOfFrame = (frame: number): bigint | undefined =>
    saltAt(HEADER_BYTES + (frame - 1) * frameBytes + SALT_IN_FRAME);
  const saltOfWal = (): bigint | undefined => saltAt(SALT_IN_HEADER);
  const framesInIndex = (): number => integer(logged.get() ?? {}, 'log');

  function isThere(frames: number, bytes = fstatSync(descriptor).size): boolean {
    return frames <= 0 || bytes >= HEADER_BYTES + frames * frameBytes;
  }

  function isLastThere(salt: bigint, frames: number): boolean {
    if (last === undefined || last.salt !== salt || frames < last.frames) return true;
    return saltOfFrame(last.frames) === salt || saltOfWal() !== salt;
  }

  return {
    isWhole({ salt, bytes }) {
      let frames = framesInIndex();
      if (!isLastThere(salt, frames)) return false;
      let isEnough = isThere(frames, bytes);
      for (let look = 1; !isEnough && look < LOOKS; look++) {
        frames = framesInIndex();
        isEnough = isThere(frames);
      }
      if (isEnough) last = frames <= 0 ? undefined : { salt, frames };
      return isEnough;
    },
    lastFrames: () => last?.frames ?? 0,
    isUncut: () => last === undefined || isThere(last.frames) || saltOfWal() !== last.salt,
    count() {
      const row = logged.get() ?? {};
      const salt = saltOfWal();
      const frames = integer(row, 'log');
      const moved = integer(row, 'checkpointed');
      if (salt === undefined) return { there: 0, moved };
      let there = 0;
      for (; there < frames && saltOfFrame(there + 1) === salt; there++);
      return { there, moved };
    },
  };
}
