import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeBrowserFolders } from '../browser-folders.ts';
import { type StartedBrowser, startBrowser } from '../start-browser.ts';
import { firefoxCommand } from './firefox-command.ts';
import { type Preferences, userJs } from './firefox-preferences.ts';

export interface StartFirefoxOptions {
  readonly executablePath: string;
  readonly profileDir: string | undefined;
  readonly headless: boolean;
  readonly preferences: Preferences;
  /** Kills the process, at any time. */
  readonly signal: AbortSignal | undefined;
}

export async function startFirefox(options: StartFirefoxOptions): Promise<StartedBrowser> {
  const { executablePath, profileDir, headless, preferences, signal } = options;
  const folders = await makeBrowserFolders({ browser: 'firefox', profileDir });
  try {
    await writeFile(join(folders.profileDir, 'user.js'), userJs(preferences));
    signal?.throwIfAborted();
  } catch (error) {
    await folders.remove();
    throw error;
  }
  return startBrowser({
    executablePath,
    ...firefoxCommand({ headless, folders }),
    addressPattern: /WebDriver BiDi listening on (ws:\/\/\S+)\n/,
    folders,
    signal,
  });
}
