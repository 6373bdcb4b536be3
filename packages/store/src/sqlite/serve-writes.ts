import type { MessagePort } from 'node:worker_threads';
import { groupCommit } from './group-commit.ts';
import type { OpenDatabase } from './open-database.ts';
import { prepareOperations } from './operations.ts';
import type { Call } from './thread-messages.ts';

/** Takes calls in batches, commits each batch, and answers; `null` ends it. */
export function serveWrites({ database, close }: OpenDatabase, port: MessagePort): void {
  const operations = prepareOperations(database);
  let gathered: Call[] = [];
  port.on('message', (calls: readonly Call[] | null) => {
    if (calls === null) {
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
    port.postMessage(groupCommit(database, operations, calls));
  }
}
