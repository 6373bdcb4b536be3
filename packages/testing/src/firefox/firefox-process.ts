import { spawn } from 'node:child_process';
import { TestingError } from '../errors.ts';

export interface FirefoxProcessOptions {
  readonly executablePath: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** The one process that was spawned. Its own children (content processes) end with it, also at SIGKILL. */
export interface FirefoxProcess {
  /** `ws://127.0.0.1:PORT`; rejects with TestingError `browser-exited` when the process ends first. */
  readonly bidiUrl: Promise<string>;
  /** Resolves when the process has ended, or could not be started. Never rejects. */
  readonly exited: Promise<void>;
  /** SIGKILL, without waiting for the end. Harmless when it has ended. */
  readonly kill: () => void;
  /** The last lines the browser wrote to stderr. */
  readonly stderrTail: () => string;
}

const stderrTailLength = 4_000;

export function startFirefoxProcess({ executablePath, args, environment }: FirefoxProcessOptions): FirefoxProcess {
  // stderr is read to the end: a full pipe would stop the browser.
  const child = spawn(executablePath, args, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  const exited = Promise.withResolvers<void>();
  const bidiUrl = Promise.withResolvers<string>();
  // Whoever awaits it gets the error; a launch that fails before that must not end the process as unhandled.
  bidiUrl.promise.catch(() => {});

  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-stderrTailLength);
    const url = /WebDriver BiDi listening on (ws:\/\/\S+)\n/.exec(stderr)?.[1];
    if (url !== undefined) bidiUrl.resolve(url);
  });
  child.once('error', (cause) => {
    if (child.pid !== undefined) return;
    bidiUrl.reject(
      new TestingError('browser-exited', `Could not start ${executablePath}: ${cause.message}`, { cause }),
    );
    exited.resolve();
  });
  // 'close' and not 'exit': by then stderr has been read.
  child.once('close', (code, signal) => {
    bidiUrl.reject(
      new TestingError('browser-exited', `${executablePath} ended (${signal ?? code}) before it was ready:\n${stderr}`),
    );
    exited.resolve();
  });

  return {
    bidiUrl: bidiUrl.promise,
    exited: exited.promise,
    kill: () => child.kill('SIGKILL'),
    stderrTail: () => stderr,
  };
}
