import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { openDatabase } from './open-database.ts';
import { refuseForeignWal } from './foreign-wal.ts';
import { locateStore, type StoreFiles } from './store-files.ts';

export const STEPS = [
  'commit',
  'many',
  'tick',
  'later',
  'index',
  'vacuum',
  'checkpoint',
  'truncate',
  'read',
  'endReading',
  'reopen',
] as const;
export type Step = (typeof STEPS)[number];

export interface SteppedStore {
  /** Takes a step, and checks that a crash after it leaves behind a store that opens and has all that was committed. */
  take(...steps: readonly Step[]): void;
  /** The same for a tick, within which the other process takes steps. */
  tickWith(steps: readonly Step[]): void;
  committedRows(): number;
  /** What a start has after a crash at this moment. It throws where the start is refused. */
  rowsAfterCrash(): number;
  /** What a start finds after a crash at this moment, with this file in the place of the database. */
  imageWith(file: string): StoreFiles;
  close(): void;
}

/** A store whose ticks and whose time come when the test says so, and another process that has the file open beside it. */
export function startSteppedStore(folder: string): SteppedStore {
  const path = join(folder, 'belfry.db');
  const image = join(folder, 'image.db');
  let now = 0;
  let rows = 0;
  let indexes = 0;
  /** Steps that another process takes within the next tick. */
  let within: Step[] = [];
  const interrupt = (): void => {
    for (const step of within.splice(0)) take(step);
  };
  const effects = {
    elapsed() {
      interrupt();
      return now;
    },
    randomId() {
      interrupt();
      return randomUUID();
    },
    every: () => () => {},
  };
  const open = () => {
    const opened = openDatabase(path, effects);
    // So that a commit of a few pages moves the WAL.
    opened.database.exec('PRAGMA wal_autocheckpoint = 8');
    return opened;
  };
  let opened = open();
  let person = new DatabaseSync(path);
  let reader: DatabaseSync | undefined;

  function imageWith(file: string): StoreFiles {
    rmSync(`${image}-wal`, { force: true });
    rmSync(`${image}-shm`, { force: true });
    copyFileSync(file, image);
    if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${image}-wal`);
    return locateStore(image);
  }

  function rowsAfterCrash(): number {
    refuseForeignWal(imageWith(path));
    const database = new DatabaseSync(image);
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    const row = database.prepare('SELECT count(*) AS rows FROM users').get();
    database.close();
    return Number(row?.['rows']);
  }

  const checkImage = (): void => expect(rowsAfterCrash()).toBe(rows);

  function commit(count: number): void {
    const { database, guard } = opened;
    database.exec('BEGIN IMMEDIATE');
    guard.beforeWrites();
    const insert = database.prepare('INSERT INTO users (external_id, created_at) VALUES (?, 0)');
    for (let row = 0; row < count; row++) insert.run(randomUUID());
    database.exec('COMMIT');
    rows += count;
    checkImage();
    guard.afterCommit();
  }

  /** The other process waits for nobody. */
  function byPerson(sql: string): void {
    try {
      person.exec(sql);
    } catch (error) {
      if (!String(error).includes('locked')) throw error;
    }
  }

  const steps: Readonly<Record<Step, () => void>> = {
    commit: () => commit(1),
    many: () => commit(300),
    tick: () => opened.guard.tick(),
    later: () => void (now += 6000),
    index: () => byPerson(`CREATE INDEX mine${indexes++} ON users (created_at)`),
    vacuum: () => byPerson('VACUUM'),
    checkpoint: () => byPerson('PRAGMA wal_checkpoint(PASSIVE)'),
    truncate: () => byPerson('PRAGMA wal_checkpoint(TRUNCATE)'),
    read() {
      reader ??= new DatabaseSync(path, { readOnly: true });
      if (!reader.isTransaction) reader.exec('BEGIN');
      reader.prepare('SELECT count(*) FROM users').get();
    },
    endReading() {
      reader?.close();
      reader = undefined;
    },
    reopen() {
      person.close();
      opened.close();
      opened = open();
      person = new DatabaseSync(path);
    },
  };

  function take(step: Step): void {
    steps[step]();
    expect(opened.guard.lost).toBeUndefined();
    checkImage();
  }

  return {
    take: (...all) => all.forEach(take),
    committedRows: () => rows,
    rowsAfterCrash,
    imageWith,
    tickWith(inTick: readonly Step[]) {
      within = [...inTick];
      take('tick');
      within = [];
    },
    close() {
      reader?.close();
      person.close();
      opened.close();
    },
  };
}
