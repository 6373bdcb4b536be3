import { makeBrowserFolders } from '../browser-folders.ts';
import { type NotificationServer, serveNotifications } from '../dbus/serve-notifications.ts';
import { type MessageBusProcess, startMessageBus } from '../dbus/start-message-bus.ts';
import { type StartedBrowser, startBrowser } from '../start-browser.ts';
import { type ChromiumPushEndpoints, chromiumCommand } from './chromium-command.ts';

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

/**
 * Each browser has a message bus and a notification server of its own, which are there before it: Chromium asks for the
 * server's capabilities once, when it starts.
 */
export async function startChromium(options: StartChromiumOptions): Promise<StartedChromium> {
  const { executablePath, dbusDaemonPath, endpoints, headless, containment, args, signal } = options;
  const folders = await makeBrowserFolders({ browser: 'chromium', profileDir: options.profileDir });
  let bus: MessageBusProcess | undefined;
  try {
    let desktop: NotificationServer | undefined;
    if (dbusDaemonPath !== undefined) {
      bus = await startMessageBus({ executablePath: dbusDaemonPath, folder: folders.baseDir });
      desktop = await serveNotifications(bus);
    }
    signal?.throwIfAborted();
    const started = startBrowser({
      executablePath,
      ...chromiumCommand({ endpoints, headless, containment, args, folders, busAddress: bus?.address }),
      addressPattern: /DevTools listening on (ws:\/\/\S+)\n/,
      folders,
      companion: bus,
      signal,
    });
    return { ...started, desktop };
  } catch (error) {
    bus?.kill();
    await bus?.ended;
    await folders.remove();
    throw error;
  }
}
