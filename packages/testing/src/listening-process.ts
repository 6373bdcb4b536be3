import { spawn } from 'node:child_process';
import { TestingError } from './errors.ts';

export interface ListeningProcessOptions {
  readonly executablePath: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Finds in stderr, as its first group, the address that the process listens at. */
  readonly addressPattern: RegExp;
}

/**
 * A browser, or what runs beside it: the one process that was spawned. A browser's own children end with it, also at
 * SIGKILL.
 */
export interface ListeningProcess {
  /** Rejects with TestingError `browser-exited` when the process ends first. */
  readonly address: Promise<string>;
  /** Resolves when the process has ended, or could not be started. Never rejects. */
  readonly exited: Promise<void>;
  /** SIGKILL, without waiting for the end. Harmless when it has ended. */
  readonly kill: () => void;
  /** The last lines it wrote to stderr. */
  readonly stderrTail: () => string;
}

const stderrTailLength = 4_000;

export function startListeningProcess(options: ListeningProcessOptions): ListeningProcess {
  const { executablePath, args, environment, addressPattern } = options;
  // stderr is read to the end: a full pipe would stop the process.
  const child = spawn(executablePath, args, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  const exited = Promise.withResolvers<void>();
  const address = Promise.withResolvers<string>();
  // Whoever awaits it gets the error; a launch that fails before that must not end the process as unhandled.
  address.promise.catch(() => {});

  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-stderrTailLength);
    const found = addressPattern.exec(stderr)?.[1];
    if (found !== undefined) address.resolve(found);
  });
  child.once('error', (cause) => {
    if (child.pid !== undefined) return;
    address.reject(
      new TestingError('browser-exited', `Could not start ${executablePath}: ${cause.message}`, { cause }),
    );
    exited.resolve();
  });
  // 'close' and not 'exit': by then stderr has been read.
  child.once('close', (code, signal) => {
    address.reject(
      new TestingError('browser-exited', `${executablePath} ended (${signal ?? code}) before it was ready:\n${stderr}`),
    );
    exited.resolve();
  });

  return {
    address: address.promise,
    exited: exited.promise,
    kill: () => child.kill('SIGKILL'),
    stderrTail: () => stderr,
  };
}
