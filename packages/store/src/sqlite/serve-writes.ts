import type { MessagePort } from 'node:worker_threads';
import type { SqliteEffects } from './effects.ts';
import { groupCommit, toFailure } from './group-commit.ts';
import type { OwnedDatabase } from './open-database.ts';
import { prepareOperations } from './operations.ts';
import type { Call, Fault } from './thread-messages.ts';

/** An owner that lives answers a claim, and notices that its files were replaced, within this time. */
const TICK_MS = 250;

export interface ServedDatabase extends OwnedDatabase {
  readonly effects: SqliteEffects;
}

/** Takes calls in batches, commits each batch, and answers; `null` ends it. */
export function serveWrites({ database, guard, leave, close, effects }: ServedDatabase, port: MessagePort): void {
  const operations = prepareOperations(database);
  let gathered: Call[] = [];
  let isReported = false;
  const stopTicking = effects.every(TICK_MS, () => {
    guard.tick();
    report();
  });
  port.on('message', (calls: readonly Call[] | null) => {
    if (calls === null) {
      stopTicking();
      commit();
      close();
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
    port.postMessage(groupCommit(calls, { database, guard, operations }));
    report();
  }

  function report(): void {
    if (guard.lost === undefined || isReported) return;
    isReported = true;
    port.postMessage({ fault: toFailure(guard.lost) } satisfies Fault);
    // A process that ends without closing the store must not move the WAL into another file.
    leave();
  }
}
