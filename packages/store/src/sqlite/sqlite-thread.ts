import { parentPort, workerData } from 'node:worker_threads';
import { systemEffects } from './effects.ts';
import { toFailure } from './group-commit.ts';
import { openDatabase, openToRead } from './open-database.ts';
import { serveReads } from './serve-reads.ts';
import { serveWrites } from './serve-writes.ts';
import type { Opened, ThreadRole } from './thread-messages.ts';

// A thread of a SQLite store: the one that owns the database and writes, or the one that reads beside it.

if (parentPort === null) throw new Error('This file is a thread of a SQLite store');
const port = parentPort;
const { path, role }: ThreadRole = workerData;

try {
  if (role === 'writer') serveWrites({ ...openDatabase(path, systemEffects), effects: systemEffects }, port);
  else serveReads(openToRead(path), port);
  // Now that every statement could be prepared: a damaged schema is told at the opening.
  port.postMessage({ ok: true } satisfies Opened);
} catch (error) {
  port.postMessage({ ok: false, error: toFailure(error) } satisfies Opened);
}
