import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { randomBytes, randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { backup, DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { branded } from '@belfry/protocol';
import { aDevice, anotherOf } from '../a-device.test-data.ts';
import { StoreError } from '../errors.ts';
import type { Store } from '../store.ts';
import { sqlite } from './sqlite.ts';

// A process that does what it is told, a line at a time, and prints a line of JSON for each: see other-process.test-data.ts.

let store: Store | undefined;
let database: DatabaseSync | undefined;
const descriptors: number[] = [];

const COMMANDS: Readonly<Record<string, (path: string, count: number) => unknown>> = {
  /** Opens the store: null, or the code of the error. */
  async open(path) {
    try {
      store = await sqlite(path)();
      return null;
    } catch (error) {
      return codeOf(error);
    }
  },
  /** Opens the store: null, or the code and the text of the error. */
  async openSaying(path) {
    try {
      store = await sqlite(path)();
      return null;
    } catch (error) {
      return error instanceof StoreError ? `${error.code}: ${error.message}` : String(error);
    }
  },
  /** Opens all descriptors that the process may have. */
  useDescriptors() {
    try {
      for (;;) descriptors.push(openSync('/dev/null', 'r'));
    } catch (error) {
      return codeOf(error);
    }
  },
  freeDescriptors() {
    for (const descriptor of descriptors.splice(0)) closeSync(descriptor);
    return null;
  },
  /** A call of the thread that reads. */
  async timeZones() {
    try {
      return await store?.timeZones();
    } catch (error) {
      return codeOf(error);
    }
  },
  /** Opens it once more: the code of the error. */
  async openAgain(path) {
    try {
      await (await sqlite(path)()).close();
      return null;
    } catch (error) {
      return codeOf(error);
    }
  },
  /** The same in a worker thread of this process, which has modules of its own. */
  async openInThread(path) {
    const worker = new Worker(new URL('./second-thread.test-data.ts', import.meta.url), { workerData: path });
    return await new Promise((resolve) => worker.once('message', resolve));
  },
  /** Saves devices, each of a user of its own: the public ids of those that are acknowledged, or the code of the error. */
  async save(_path, count) {
    const first = aDevice();
    const devices = Array.from({ length: count }, () => ({ ...anotherOf(first), ...ofItsOwn() }));
    try {
      await Promise.all(devices.map(async (device) => await store?.saveDevice(device)));
      return devices.map(({ newPublicId }) => newPublicId);
    } catch (error) {
      return codeOf(error);
    }
  },
  async close() {
    await store?.close();
    return null;
  },
  /** Counts the devices with sqlite3, as a person does. Where it is not installed, with node:sqlite. */
  look(path) {
    try {
      return Number(execFileSync('sqlite3', [path, 'SELECT count(*) FROM devices']));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
    return countDevices(path);
  },
  /** Backs the store up, as sqlite3's .backup does, and counts the devices of the copy. */
  async backup(path) {
    const source = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    await backup(source, `${path}.backup`);
    source.close();
    return countDevices(`${path}.backup`);
  },
  /** Reads a file as a library does that copies a folder. */
  readFile(path) {
    return readFileSync(path).length;
  },
  /** Whether no other process has a lock on the file: then whoever closes it removes the WAL. */
  isUnlocked(path) {
    const probe = new DatabaseSync(path, { timeout: 0 });
    try {
      probe.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
      return true;
    } catch {
      return false;
    } finally {
      probe.close();
    }
  },
  /** Begins to read, and goes on reading until the process ends. */
  read(path) {
    database = new DatabaseSync(path, { timeout: 5000 });
    database.exec('BEGIN');
    return database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables'];
  },
  /** Ends what `read` began. */
  endReading() {
    database?.close();
    return null;
  },
};

function countDevices(file: string): unknown {
  const looking = new DatabaseSync(file, { timeout: 5000 });
  const row = looking.prepare('SELECT count(*) AS devices FROM devices').get();
  looking.close();
  return row?.['devices'];
}

function codeOf(error: unknown): unknown {
  return error instanceof StoreError ? error.code : String(error);
}

function ofItsOwn() {
  const id = randomUUID();
  return {
    userId: branded<string, 'UserId'>(id),
    endpoint: branded<string, 'Endpoint'>(`https://push.example.net/${id}`),
    secretHash: new Uint8Array(randomBytes(32)),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { command, path, count }: { command: string; path: string; count: number } = JSON.parse(line);
  const result = await COMMANDS[command]?.(path, count);
  process.stdout.write(`${JSON.stringify(result ?? null)}\n`);
}
process.exit();
