import { connectCdp } from './cdp/cdp-connection.ts';
import type { ChromiumPushEndpoints } from './chromium/push-switches.ts';
import { connectedChromium } from './chromium/connected-chromium.ts';
import { startChromium } from './chromium/start-chromium.ts';
import type { Chromium } from './chromium.ts';
import { findDbusDaemon } from './dbus/find-dbus-daemon.ts';
import { findChromium } from './find-chromium.ts';
import { whenReady } from './when-ready.ts';

export interface LaunchChromiumOptions {
  /** The push service that Chromium uses in place of Google's; @belfry/push-service's `PushService` fits. */
  readonly pushService: { readonly chromium: ChromiumPushEndpoints };
  /**
   * The profile, kept after the browser's end. Subscriptions survive a relaunch with the same folder and the same push
   * service. Absent: a temporary one, removed at the end.
   */
  readonly profileDir?: string | undefined;
  /** Default true. A browser with a window leaves the page's dialogs to its user, and keeps the user's HOME. */
  readonly headless?: boolean | undefined;
  /** Default: what `findChromium()` finds. */
  readonly executablePath?: string | undefined;
  /** Default true: no connection leaves the loopback interface. */
  readonly containment?: boolean | undefined;
  /** More command-line switches, such as `--lang=de`. */
  readonly args?: readonly string[] | undefined;
  /** Kills the browser, also after the launch; a launch under way rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the launch alone, without finding or installing the browser. Default 30_000; it takes about 1 s. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Starts Chromium with a push service of your own and, on Linux, a desktop of its own to show its notifications.
 *
 * @example
 * const pushService = await startPushService();
 * const chromium = await launchChromium({ pushService });
 * await chromium.grantNotifications('http://localhost:8787');
 * const page = await chromium.open('http://localhost:8787/');
 * await page.click('#subscribe');
 *
 * @throws TestingError `browser-not-found`, `browser-install-failed`, `browser-exited` (with the end of its stderr),
 *   `launch-timeout`. No process and no folder is left behind then.
 */
export async function launchChromium(options: LaunchChromiumOptions): Promise<Chromium> {
  const { pushService, profileDir, headless = true, containment = true, args = [], signal } = options;
  signal?.throwIfAborted();
  const executablePath = options.executablePath ?? (await findChromium()).executablePath;
  const dbusDaemonPath = process.platform === 'linux' ? await findDbusDaemon() : undefined;
  const endpoints = pushService.chromium;
  const started = await startChromium({
    executablePath,
    dbusDaemonPath,
    profileDir,
    endpoints,
    headless,
    containment,
    args,
    signal,
  });
  return whenReady(started, {
    executablePath,
    timeoutMs: options.timeoutMs ?? 30_000,
    signal,
    connect: async (cdpUrl) => connectedChromium({ ...started, headless, connection: await connectCdp(cdpUrl) }),
  });
}
