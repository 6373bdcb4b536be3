import type { MessagePort } from 'node:worker_threads';
import { toFailure } from './group-commit.ts';
import type { OpenDatabase } from './open-database.ts';
import { prepareReads } from './reads.ts';
import { isBroken } from './sqlite-code.ts';
import type { Call, CallOf, Operations, Output, ReadName, Reply } from './thread-messages.ts';

/**
 * Answers each call at once, so that the caller unpacks one page while the next is read; `null` ends it. It ends by itself
 * after an error that its connection may keep, such as a page that could not be read: the caller starts another thread.
 */
export function serveReads({ database, close }: OpenDatabase, port: MessagePort): void {
  const operations = prepareReads(database);
  port.on('message', (calls: readonly Call<ReadName>[] | null) => {
    if (calls === null) {
      end();
      return;
    }
    for (const call of calls) {
      try {
        const output = run(operations, call);
        port.postMessage([{ id: call.id, ok: true, output } satisfies Reply<Output<ReadName>>]);
      } catch (error) {
        port.postMessage([{ id: call.id, ok: false, error: toFailure(error) } satisfies Reply<never>]);
        if (!isBroken(error)) continue;
        end();
        return;
      }
    }
  });

  function end(): void {
    close();
    port.close();
  }
}

function run<Name extends ReadName>(operations: Operations<ReadName>, call: CallOf<Name>): Output<Name> {
  return operations[call.operation](call.input);
}
