import type { BrowserFolders } from './browser-folders.ts';
import { startListeningProcess } from './listening-process.ts';

export interface StartBrowserOptions {
  readonly executablePath: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Finds in stderr, as its first group, the URL of the browser's remote control. */
  readonly addressPattern: RegExp;
  readonly folders: BrowserFolders;
  /** What runs beside the browser and ends after it. */
  readonly companion?: Companion | undefined;
  /** Kills the process, at any time. */
  readonly signal: AbortSignal | undefined;
}

export interface Companion {
  /** At once, without waiting for `ended`. */
  readonly kill: () => void;
  readonly ended: Promise<void>;
}

/** A browser's process and the folders it lives in, which end together. */
export interface StartedBrowser {
  readonly profileDir: string;
  /** `ws://127.0.0.1:PORT…`; rejects when the process ends first. */
  readonly remoteUrl: Promise<string>;
  readonly stderrTail: () => string;
  /** SIGKILL, without waiting for `closed`. */
  readonly kill: () => void;
  /** Resolves when the process and its companion have ended and the folders are removed. */
  readonly closed: Promise<void>;
}

export function startBrowser(options: StartBrowserOptions): StartedBrowser {
  const { folders, companion, signal } = options;
  const { address, exited, kill, stderrTail } = startListeningProcess(options);
  // A Node process that exits without closing its browsers takes them along.
  const endWithNode = () => {
    kill();
    folders.removeSync();
  };
  process.once('exit', endWithNode);
  signal?.addEventListener('abort', kill);
  async function cleanUp(): Promise<void> {
    await exited;
    companion?.kill();
    await companion?.ended;
    process.off('exit', endWithNode);
    signal?.removeEventListener('abort', kill);
    await folders.remove();
  }
  return { profileDir: folders.profileDir, remoteUrl: address, stderrTail, kill, closed: cleanUp() };
}
