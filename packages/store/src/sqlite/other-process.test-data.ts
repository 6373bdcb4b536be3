import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const PROGRAM = new URL('./other-process-program.test-data.ts', import.meta.url).pathname;

/** Another process beside the one of the test. */
export interface OtherProcess {
  /** Has it do one of the commands of its program. */
  ask(command: string, path: string, count?: number): Promise<unknown>;
  /** The public ids of devices that the process saved and acknowledged. */
  save(path: string, count: number): Promise<readonly string[]>;
  /** Such as SIGSTOP. */
  signal(signal: NodeJS.Signals): void;
  kill(): Promise<void>;
}

export interface OtherProcessOptions {
  /** Run it as this user. */
  readonly uid?: number;
  /** A line of sh that runs before it, such as 'umask 0'. */
  readonly shell?: string;
}

/** Lines of sh for a process that sees `file` at `mounted` too, as a container does that mounts a file. Only root can. */
export function mountedAlone(file: string, mounted: string): string {
  return `exec unshare -m sh -c 'mount --bind "$1" "$2"; shift 2; exec "$@"' sh ${file} ${mounted} "$0" "$@"`;
}

export function startOther({ uid, shell = ':' }: OtherProcessOptions = {}): OtherProcess {
  const line = `${shell}; exec "$0" "$@"`;
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    '/bin/sh',
    ['-c', line, process.execPath, '--conditions=@belfry/source', PROGRAM],
    { stdio: ['pipe', 'pipe', 'inherit'], ...(uid === undefined ? {} : { uid, gid: uid }) },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  async function ask(command: string, path: string, count = 0): Promise<unknown> {
    child.stdin.write(`${JSON.stringify({ command, path, count })}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`The process ended at ${command}`);
    const result: unknown = JSON.parse(value);
    return result;
  }
  return {
    ask,
    async save(path, count) {
      const ids = await ask('save', path, count);
      if (!Array.isArray(ids)) throw new Error(`The devices were not saved: ${String(ids)}`);
      return ids.map(String);
    },
    signal: (signal) => void child.kill(signal),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
