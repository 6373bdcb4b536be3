import { parentPort, workerData } from 'node:worker_threads';
import { groupCommit, toFailure } from './group-commit.ts';
import { type OpenDatabase, openDatabase } from './open-database.ts';
import { prepareOperations } from './operations.ts';
import type { Call, Opened } from './thread-messages.ts';

// The thread that owns the database: it takes calls in batches, commits each batch, and answers. `null` ends it.

if (parentPort === null || typeof workerData !== 'string') throw new Error('This file is the thread of a SQLite store');
const port = parentPort;

const opened = open(workerData);
if (opened !== undefined) serve(opened);

function open(path: string): OpenDatabase | undefined {
  try {
    const database = openDatabase(path);
    port.postMessage({ ok: true } satisfies Opened);
    return database;
  } catch (error) {
    port.postMessage({ ok: false, error: toFailure(error) } satisfies Opened);
    return undefined;
  }
}

function serve(store: OpenDatabase): void {
  const { database } = store;
  const operations = prepareOperations(database);
  let gathered: Call[] = [];
  port.on('message', (calls: readonly Call[] | null) => {
    if (calls === null) {
      commit();
      store.close();
      port.close();
      return;
    }
    // All messages that wait are handed over before setImmediate runs: that is the group.
    if (gathered.length === 0) setImmediate(commit);
    gathered.push(...calls);
  });

  function commit(): void {
    if (gathered.length === 0) return;
    const calls = gathered;
    gathered = [];
    port.postMessage(groupCommit(database, operations, calls));
  }
}
