import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumNotifications } from './chromium/chromium-notification.ts';
import { type ChromiumPushEndpoints, pushSwitches } from './chromium/push-switches.ts';
import { findDbusDaemon } from './dbus/find-dbus-daemon.ts';
import { type StartedDesktop, startDesktop } from './dbus/start-desktop.ts';
import type { Desktop } from './desktop.ts';
import { findChromium } from './find-chromium.ts';
import { waitForNotification } from './wait-for-notification.ts';

export interface PrepareChromiumOptions {
  /** The push service that Chromium uses in place of Google's; @belfry/push-service's `PushService` fits. */
  readonly pushService: { readonly chromium: ChromiumPushEndpoints };
  /** Default: what `findChromium()` finds. Not a headless shell: it has no push. */
  readonly executablePath?: string | undefined;
  /** Default true: no connection leaves the loopback interface. */
  readonly containment?: boolean | undefined;
  /** More command-line switches, such as `--lang=de`. */
  readonly args?: readonly string[] | undefined;
}

/** What both Playwright and Puppeteer take. Arrays and objects are the caller's own, to add to. */
export interface ChromiumLaunchOptions {
  executablePath: string;
  args: string[];
  /** This process's, with the desktop's D-Bus in it. */
  env: Record<string, string>;
}

/** What a Chromium that others launch needs, and the desktop that shows its notifications. */
export interface PreparedChromium extends Desktop {
  /** For one browser at a time. */
  readonly launchOptions: ChromiumLaunchOptions;
  /** Ends the desktop; close the browser first. */
  close(): Promise<void>;
}

/**
 * Prepares everything for a Chromium with a push service of your own that Playwright, Puppeteer or you yourself launch, and
 * on Linux a desktop for its notifications (about 30 ms). It must have a profile: push is refused in incognito contexts,
 * such as those of Playwright's `browser.newContext()`.
 *
 * @example
 * const prepared = await prepareChromium({ pushService });
 * const context = await chromium.launchPersistentContext('', prepared.launchOptions); // Playwright
 * await context.grantPermissions(['notifications'], { origin: 'http://localhost:3000' });
 * const page = await context.newPage();
 * // …
 * await (await prepared.waitForNotification({ title: 'Hello' })).click();
 * await context.close();
 * await prepared.close();
 *
 * @example
 * const browser = await puppeteer.launch(prepared.launchOptions); // Puppeteer
 * await browser.defaultBrowserContext().overridePermissions('http://localhost:3000', ['notifications']);
 *
 * @throws TestingError `browser-not-found`, `browser-install-failed`, `browser-exited` (dbus-daemon does not start)
 */
export async function prepareChromium(options: PrepareChromiumOptions): Promise<PreparedChromium> {
  const { pushService, containment = true, args = [] } = options;
  const executablePath = options.executablePath ?? (await findChromium()).executablePath;
  const desktop = process.platform === 'linux' ? await startOwnDesktop(await findDbusDaemon()) : undefined;
  const notifications = async () => [...chromiumNotifications(desktop?.screen)];
  return {
    launchOptions: {
      executablePath,
      args: [...pushSwitches({ endpoints: pushService.chromium, containment }), ...args],
      env: {
        ...definedEntries(process.env),
        ...(desktop !== undefined && { DBUS_SESSION_BUS_ADDRESS: desktop.bus.address }),
      },
    },
    notifications,
    waitForNotification: (wanted) => waitForNotification(notifications, wanted),
    close: async () => desktop?.close(),
  };
}

/** A desktop with a folder of its own for its socket. */
async function startOwnDesktop(
  executablePath: string,
): Promise<StartedDesktop & { readonly close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-desktop-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  try {
    const desktop = await startDesktop({ executablePath, folder });
    // A Node process that exits without closing it takes it along, as its bus.
    process.once('exit', removeFolder);
    return {
      ...desktop,
      async close() {
        desktop.bus.kill();
        await desktop.bus.ended;
        process.off('exit', removeFolder);
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    removeFolder();
    throw error;
  }
}

/** Playwright's `env` takes no undefined values. */
function definedEntries(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
