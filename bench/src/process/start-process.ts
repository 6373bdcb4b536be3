import { fork } from 'node:child_process';
import { type Functions, isReply } from './call-messages.ts';

/** A process of the bench's own, with what it does for it. */
export interface BenchProcess<Served extends Functions> {
  /** @throws Error what the function threw, or that the process has ended */
  call<Name extends keyof Served & string>(
    name: Name,
    ...input: Parameters<Served[Name]>
  ): Promise<Awaited<ReturnType<Served[Name]>>>;
  stop(): Promise<void>;
}

interface Waiting {
  resolve(output: never): void;
  reject(error: Error): void;
}

export interface StartProcessOptions {
  /** A file that calls `serveCalls`. */
  readonly module: URL;
  /** Of node; in addition to this process's own. */
  readonly execArgv?: readonly string[];
  /** Ends it at once. */
  readonly signal: AbortSignal;
}

/** @typeParam Served what that module serves */
export function startProcess<Served extends Functions>(options: StartProcessOptions): BenchProcess<Served> {
  const { module, execArgv = [], signal } = options;
  // advanced: typed arrays stay what they are.
  const child = fork(module, { execArgv: [...process.execArgv, ...execArgv], serialization: 'advanced', signal });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let ended: Error | undefined;
  const exited = Promise.withResolvers<void>();
  const end = (error: Error): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  child.on('error', end);
  child.on('exit', (code) => {
    end(new Error(`A process of the bench ended, with ${code}`));
    exited.resolve();
  });
  child.on('message', (reply) => {
    if (!isReply(reply)) return;
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.ok) call?.resolve(reply.output);
    else call?.reject(new Error(reply.error));
  });
  return {
    call(name, ...[input]) {
      if (ended !== undefined) return Promise.reject(ended);
      const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<Served[typeof name]>>>();
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      child.send({ id, name, input });
      return promise;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await exited.promise;
    },
  };
}
