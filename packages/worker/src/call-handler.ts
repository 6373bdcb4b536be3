import type { PushWorkerDeps } from './push-worker-deps.ts';

/** Calls the handler of a message's type, or else that of all types, and answers what it does. What it throws is reported. */
export async function callHandler<Args extends unknown[], Answer>(
  deps: PushWorkerDeps,
  handlers: Readonly<Record<string, (...args: Args) => Answer | Promise<Answer>>>,
  type: string | null,
  ...args: Args
): Promise<Answer | undefined> {
  try {
    return await (handlers[type ?? '*'] ?? handlers['*'])?.(...args);
  } catch (error) {
    deps.report(error);
    return undefined;
  }
}
