import { join } from 'node:path';
import type { BrowserFolders } from '../browser-folders.ts';

export interface FirefoxCommandOptions {
  readonly headless: boolean;
  readonly folders: BrowserFolders;
  readonly environment?: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
}

export interface FirefoxCommand {
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** The command line and environment of a Firefox that is told apart from the user's own, and driven over BiDi. */
export function firefoxCommand(options: FirefoxCommandOptions): FirefoxCommand {
  const { headless, folders, environment = process.env, platform = process.platform } = options;
  return {
    args: [
      ...(headless ? ['--headless'] : []),
      // On Windows firefox.exe starts the browser as another process and ends, unless it is told to wait.
      ...(platform === 'win32' ? ['--wait-for-browser'] : []),
      // A Firefox that runs already does not get the command.
      '--no-remote',
      '--remote-debugging-port=0',
      // Alert windows belong to Firefox itself; without it they cannot be read or clicked.
      '--remote-allow-system-access',
      '--profile',
      folders.profileDir,
    ],
    environment: {
      ...environment,
      MOZ_CRASHREPORTER_DISABLE: '1',
      // Firefox makes folders in the user's cache beside the profile. With a window it needs the user's own HOME:
      // fonts, themes and the display's credentials are there.
      ...(headless && {
        HOME: folders.homeDir,
        XDG_CACHE_HOME: join(folders.homeDir, '.cache'),
        XDG_CONFIG_HOME: join(folders.homeDir, '.config'),
      }),
    },
  };
}
