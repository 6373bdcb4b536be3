import { join } from 'node:path';
import type { BrowserFolders } from '../browser-folders.ts';
import { type ChromiumPushEndpoints, pushSwitches } from './push-switches.ts';

export interface ChromiumCommandOptions {
  readonly endpoints: ChromiumPushEndpoints;
  readonly headless: boolean;
  readonly containment: boolean;
  readonly args: readonly string[];
  readonly folders: BrowserFolders;
  /** Absent: that of the environment. */
  readonly busAddress: string | undefined;
  readonly environment?: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
  readonly isRoot?: boolean;
}

export interface ChromiumCommand {
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** All as measured with Chromium 156. */
export function chromiumCommand(options: ChromiumCommandOptions): ChromiumCommand {
  const { headless, folders, busAddress, environment = process.env, platform = process.platform } = options;
  const isLinux = platform === 'linux';
  return {
    args: [
      ...(headless ? ['--headless', '--window-size=1366,768'] : []),
      '--remote-debugging-port=0',
      `--user-data-dir=${folders.profileDir}`,
      ...pushSwitches(options),
      '--no-first-run',
      '--no-default-browser-check',
      // The keyrings of the user's desktop would ask for a password.
      '--password-store=basic',
      '--use-mock-keychain',
      // Containers often have 64 MB of it, and a page that needs more crashes.
      '--disable-dev-shm-usage',
      ...options.args,
      'about:blank',
    ],
    environment: {
      ...environment,
      ...(busAddress !== undefined && { DBUS_SESSION_BUS_ADDRESS: busAddress }),
      // A killed Chromium leaves folders there. Elsewhere the temporary folder's path is so long that the socket in it
      // would have none.
      ...(isLinux && { TMPDIR: folders.baseDir }),
      // Chromium makes an NSS database and caches beside the profile. With a window it needs the user's own HOME: fonts,
      // themes and the display's credentials are there.
      ...(headless && {
        HOME: folders.homeDir,
        XDG_CACHE_HOME: join(folders.homeDir, '.cache'),
        XDG_CONFIG_HOME: join(folders.homeDir, '.config'),
      }),
    },
  };
}
