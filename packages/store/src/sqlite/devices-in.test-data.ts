import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';

/** How many devices are in a file that nobody has open. The file must be whole. */
export function devicesIn(file: string): number {
  const database = new DatabaseSync(file);
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  const row = database.prepare('SELECT count(*) AS devices FROM devices').get();
  database.close();
  return Number(row?.['devices']);
}
