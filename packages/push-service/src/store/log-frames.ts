import { readSync } from 'node:fs';

/** Sizes, places and the first four bytes, but for the last bit: sqlite.org/fileformat2.html#walformat */
export const HEADER_BYTES = 32;
export const FRAME_HEADER_BYTES = 24;
export const SALT_BYTES = 8;
export const SALT_IN_HEADER = 16;
export const SALT_IN_FRAME = 8;
export const MAGIC = 0x377f0682;
const PAGE_BYTES_IN_HEADER = 8;
const PAGES_IN_FRAME = 4;

export interface LogHeader {
  readonly pageBytes: number;
  /** Another one in each log. */
  readonly id: bigint;
}

/** Undefined where the log has none: it is empty. */
export function readLogHeader(descriptor: number): LogHeader | undefined {
  const header = Buffer.alloc(HEADER_BYTES);
  if (readSync(descriptor, header, 0, header.length, 0) < header.length) return undefined;
  return { pageBytes: header.readUInt32BE(PAGE_BYTES_IN_HEADER), id: header.readBigUInt64BE(SALT_IN_HEADER) };
}

export interface Frame {
  /** The number of the page that it has. */
  readonly page: number;
  /** How many pages the database has after it; 0 where it is not the last frame of its transaction. */
  readonly pagesAfter: number;
}

export interface FrameRange {
  /** From 1 on. */
  readonly from: number;
  readonly to: number;
}

/** The frames that were written since the log began. What an earlier log left behind them has another id. Takes 2 µs a frame. */
export function* logFrames(descriptor: number, { from, to }: FrameRange): Generator<Frame> {
  const header = readLogHeader(descriptor);
  if (header === undefined) return;
  const frame = Buffer.alloc(FRAME_HEADER_BYTES);
  for (let number = from; number <= to; number++) {
    const position = HEADER_BYTES + (number - 1) * (FRAME_HEADER_BYTES + header.pageBytes);
    if (readSync(descriptor, frame, 0, frame.length, position) < frame.length) return;
    if (frame.readBigUInt64BE(SALT_IN_FRAME) !== header.id) return;
    yield { page: frame.readUInt32BE(), pagesAfter: frame.readUInt32BE(PAGES_IN_FRAME) };
  }
}

export interface PageCounts {
  /** Of the file. */
  readonly there: number;
  /** Of the database. */
  readonly pages: number;
  readonly pageBytes: number;
}

/** Whether the frames have each page behind the end of the file. */
export function haveRest(frames: Iterable<Frame>, { there, pages, pageBytes }: PageCounts): boolean {
  // SQLite never writes the page that has its locks (sqlite.org/fileformat2.html#the_lock_byte_page).
  const lockPage = Math.floor(0x4000_0000 / pageBytes) + 1;
  const isLockPageBehind = lockPage > there && lockPage <= pages;
  const missing = pages - there - (isLockPageBehind ? 1 : 0);
  if (missing <= 0) return true;
  const found = new Set<number>();
  for (const { page } of frames) {
    if (page > there && page <= pages) found.add(page);
    if (found.size === missing) return true;
  }
  return false;
}
