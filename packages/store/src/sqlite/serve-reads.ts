import type { MessagePort } from 'node:worker_threads';
import { toFailure } from './group-commit.ts';
import type { OpenDatabase } from './open-database.ts';
import { prepareReads } from './reads.ts';
import type { Call, CallOf, Operations, Output, ReadName, Reply } from './thread-messages.ts';

/** Answers each call at once, so that the caller unpacks one page while the next is read; `null` ends it. */
export function serveReads({ database, close }: OpenDatabase, port: MessagePort): void {
  const operations = prepareReads(database);
  port.on('message', (calls: readonly Call<ReadName>[] | null) => {
    if (calls === null) {
      close();
      port.close();
      return;
    }
    for (const call of calls) port.postMessage([answer(operations, call)]);
  });
}

function answer<Name extends ReadName>(operations: Operations<ReadName>, call: CallOf<Name>): Reply<Output<Name>> {
  try {
    return { id: call.id, ok: true, output: operations[call.operation](call.input) };
  } catch (error) {
    return { id: call.id, ok: false, error: toFailure(error) };
  }
}
