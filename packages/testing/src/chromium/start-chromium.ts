import { makeBrowserFolders } from '../browser-folders.ts';
import type { NotificationServer } from '../dbus/serve-notifications.ts';
import { type StartedDesktop, startDesktop } from '../dbus/start-desktop.ts';
import { type StartedBrowser, startBrowser } from '../start-browser.ts';
import { chromiumCommand } from './chromium-command.ts';
import type { ChromiumPushEndpoints } from './push-switches.ts';

export interface StartChromiumOptions {
  readonly executablePath: string;
  /** Absent where Chromium does not use D-Bus. */
  readonly dbusDaemonPath: string | undefined;
  readonly profileDir: string | undefined;
  readonly endpoints: ChromiumPushEndpoints;
  readonly headless: boolean;
  readonly containment: boolean;
  readonly args: readonly string[];
  /** Kills the process, at any time. */
  readonly signal: AbortSignal | undefined;
}

export interface StartedChromium extends StartedBrowser {
  readonly desktop: NotificationServer | undefined;
}

export async function startChromium(options: StartChromiumOptions): Promise<StartedChromium> {
  const { executablePath, dbusDaemonPath, endpoints, headless, containment, args, signal } = options;
  const folders = await makeBrowserFolders({ browser: 'chromium', profileDir: options.profileDir });
  let desktop: StartedDesktop | undefined;
  try {
    if (dbusDaemonPath !== undefined) {
      desktop = await startDesktop({ executablePath: dbusDaemonPath, folder: folders.baseDir });
    }
    signal?.throwIfAborted();
    const started = startBrowser({
      executablePath,
      ...chromiumCommand({ endpoints, headless, containment, args, folders, busAddress: desktop?.bus.address }),
      addressPattern: /DevTools listening on (ws:\/\/\S+)\n/,
      folders,
      companion: desktop?.bus,
      signal,
    });
    return { ...started, desktop: desktop?.screen };
  } catch (error) {
    desktop?.bus.kill();
    await desktop?.bus.ended;
    await folders.remove();
    throw error;
  }
}
