import { type Functions, isCall, type Reply } from './call-messages.ts';

/** Answers the calls of the process that started this one, and ends with it. */
export function serveCalls(functions: Functions): void {
  process.on('disconnect', () => process.exit());
  process.on('message', (message) => {
    if (!isCall(message)) return;
    const { id, name, input } = message;
    // Where the parent is gone, so is soon this process.
    const reply = (result: Reply<unknown>): void => void process.send?.(result, undefined, undefined, () => {});
    const answer = async (): Promise<unknown> => await functions[name]?.(input);
    answer().then(
      (output) => reply({ id, ok: true, output }),
      (error: unknown) => reply({ id, ok: false, error: String(error instanceof Error ? error.stack : error) }),
    );
  });
}
