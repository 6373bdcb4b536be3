import { connectBidi } from './bidi/bidi-connection.ts';
import { findFirefox } from './find-firefox.ts';
import type { Firefox } from './firefox.ts';
import { connectedFirefox } from './firefox/connected-firefox.ts';
import { firefoxPreferences, type Preferences } from './firefox/firefox-preferences.ts';
import { startFirefox } from './firefox/start-firefox.ts';
import { pageEvents } from './firefox/wait-for-page.ts';
import { objectField, stringField } from './json-fields.ts';
import { whenReady } from './when-ready.ts';

export interface LaunchFirefoxOptions {
  /** The push service that Firefox uses in place of Mozilla's; @belfry/push-service's `PushService` fits. */
  readonly pushService: { readonly autopushUrl: string };
  /**
   * The profile, kept after the browser's end. Subscriptions survive a relaunch with the same folder and the same
   * `autopushUrl`. Absent: a temporary one, removed at the end.
   */
  readonly profileDir?: string | undefined;
  /** Default true. A browser with a window leaves the page's dialogs to its user, and keeps the user's HOME. */
  readonly headless?: boolean | undefined;
  /** Default: what `findFirefox()` finds. */
  readonly executablePath?: string | undefined;
  /** Default true: no connection leaves the loopback interface. */
  readonly containment?: boolean | undefined;
  /**
   * More preferences (about:config), such as `dom.serviceWorkers.idle_timeout` and `idle_extended_timeout` (ms) to test a
   * worker's cold start, or `dom.push.quotaUpdateDelay` (ms) and `dom.push.maxQuotaPerSubscription` for the quota.
   */
  readonly preferences?: Preferences | undefined;
  /** Kills the browser, also after the launch; a launch under way rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the launch alone, without finding or installing the browser. Default 30_000; it takes about 3 s. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Starts Firefox with a push service of your own.
 *
 * @example
 * const pushService = await startPushService();
 * const firefox = await launchFirefox({ pushService });
 * await firefox.grantNotifications('http://localhost:8787');
 * const page = await firefox.open('http://localhost:8787/');
 * await page.click('#subscribe');
 *
 * @throws TestingError `browser-not-found`, `browser-install-failed`, `browser-exited` (with the end of its stderr),
 *   `launch-timeout`. No process and no folder is left behind then.
 */
export async function launchFirefox(options: LaunchFirefoxOptions): Promise<Firefox> {
  const { headless = true, signal, timeoutMs = 30_000 } = options;
  signal?.throwIfAborted();
  const executablePath = options.executablePath ?? (await findFirefox()).executablePath;
  const preferences = firefoxPreferences(options);
  const started = await startFirefox({ executablePath, profileDir: options.profileDir, headless, preferences, signal });

  return whenReady(started, {
    executablePath,
    timeoutMs,
    signal,
    async connect(bidiUrl) {
      const connection = await connectBidi(`${bidiUrl}/session`);
      const session = await connection.send('session.new', {
        capabilities: headless ? {} : { alwaysMatch: { unhandledPromptBehavior: { default: 'ignore' } } },
      });
      await connection.send('session.subscribe', { events: pageEvents });
      const version = stringField(objectField(session, 'capabilities'), 'browserVersion');
      return connectedFirefox({ ...started, connection, version });
    },
  });
}
