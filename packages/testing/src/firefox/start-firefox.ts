import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { firefoxCommand } from './firefox-command.ts';
import { makeFirefoxFolders } from './firefox-folders.ts';
import { type Preferences, userJs } from './firefox-preferences.ts';
import { startFirefoxProcess } from './firefox-process.ts';

export interface StartFirefoxOptions {
  readonly executablePath: string;
  readonly profileDir: string | undefined;
  readonly headless: boolean;
  readonly preferences: Preferences;
  /** Kills the process, at any time. */
  readonly signal: AbortSignal | undefined;
}

/** A process of Firefox and the folders it lives in, which end together. */
export interface StartedFirefox {
  readonly profileDir: string;
  /** `ws://127.0.0.1:PORT`; rejects when the process ends first. */
  readonly bidiUrl: Promise<string>;
  readonly stderrTail: () => string;
  /** SIGKILL, without waiting for `closed`. */
  readonly kill: () => void;
  /** Resolves when the process has ended and its folders are removed. */
  readonly closed: Promise<void>;
}

export async function startFirefox(options: StartFirefoxOptions): Promise<StartedFirefox> {
  const { executablePath, headless, preferences, signal } = options;
  const folders = await makeFirefoxFolders(options.profileDir);
  const { profileDir } = folders;
  try {
    await writeFile(join(profileDir, 'user.js'), userJs(preferences));
    signal?.throwIfAborted();
  } catch (error) {
    await folders.remove();
    throw error;
  }

  const { bidiUrl, exited, kill, stderrTail } = startFirefoxProcess({
    executablePath,
    ...firefoxCommand({ headless, folders }),
  });
  // A Node process that exits without closing its browsers takes them along.
  const endWithNode = () => {
    kill();
    folders.removeSync();
  };
  process.once('exit', endWithNode);
  signal?.addEventListener('abort', kill);
  async function cleanUp(): Promise<void> {
    await exited;
    process.off('exit', endWithNode);
    signal?.removeEventListener('abort', kill);
    await folders.remove();
  }
  return { profileDir, bidiUrl, stderrTail, kill, closed: cleanUp() };
}
