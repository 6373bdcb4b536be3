import { fstatSync, readSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { integer, text } from './row.ts';
import { FRAME_HEADER_BYTES, SALT_BYTES, SALT_IN_FRAME, SALT_IN_HEADER, WAL_HEADER_BYTES } from './wal-frames.ts';

/** Notices that somebody cut off the end of the WAL, or wrote an older index over the shared memory. */
export interface WalEnd {
  /**
   * `cut` where frames are missing that the index in the shared memory counts. Where a commit came after the cut, it wrote behind the end
   * that the WAL had before, and left zeros: so the last frame before it is looked at. `other-index` where the index counts fewer frames
   * than before. Takes 6 µs.
   */
  look(found: FoundWal): 'whole' | 'cut' | 'other-index';
  /** Whether the frame that `look` found last is one of this WAL. With the index of an earlier WAL it is not. Takes 2 µs. */
  isNewestThere(): boolean;
  /** As the index said at the last `look`. */
  lastFrames(): number;
  /** Whether all frames are there that `look` saw last. Takes 4 µs. Call it before a commit, which may write behind a cut. */
  isUncut(): boolean;
  /** How many frames the WAL has from its beginning on, and how many of its frames are in the database. */
  count(): { readonly there: number; readonly moved: number };
}

/** As it was just before. */
export interface FoundWal {
  readonly salt: bigint;
  readonly bytes: number;
}

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
  look: () => 'whole',
  isNewestThere: () => true,
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
    saltAt(WAL_HEADER_BYTES + (frame - 1) * frameBytes + SALT_IN_FRAME);
  const saltOfWal = (): bigint | undefined => saltAt(SALT_IN_HEADER);
  const framesInIndex = (): number => integer(logged.get() ?? {}, 'log');

  function isThere(frames: number, bytes = fstatSync(descriptor).size): boolean {
    return frames <= 0 || bytes >= WAL_HEADER_BYTES + frames * frameBytes;
  }

  function isLastThere(salt: bigint, frames: number): boolean {
    if (last === undefined || last.salt !== salt || frames < last.frames) return true;
    return saltOfFrame(last.frames) === salt || saltOfWal() !== salt;
  }

  /** A WAL that begins anew has another salt before the index counts any of its frames. */
  function isOtherIndex(salt: bigint, frames: number): boolean {
    if (last === undefined || last.salt !== salt || frames <= 0 || frames >= last.frames) return false;
    return saltOfWal() === salt;
  }

  return {
    look({ salt, bytes }) {
      let frames = framesInIndex();
      if (isOtherIndex(salt, frames)) return 'other-index';
      if (!isLastThere(salt, frames)) return 'cut';
      let isEnough = isThere(frames, bytes);
      for (let look = 1; !isEnough && look < LOOKS; look++) {
        frames = framesInIndex();
        isEnough = isThere(frames);
      }
      if (isEnough) last = frames <= 0 ? undefined : { salt, frames };
      return isEnough ? 'whole' : 'cut';
    },
    isNewestThere: () => last === undefined || saltOfFrame(last.frames) === last.salt || saltOfWal() !== last.salt,
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
