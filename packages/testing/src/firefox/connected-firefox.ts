import { setTimeout as sleep } from 'node:timers/promises';
import type { BidiConnection } from '../bidi/bidi-connection.ts';
import { browsingContexts } from '../bidi/browsing-contexts.ts';
import { stringField } from '../bidi/json-fields.ts';
import type { Firefox } from '../firefox.ts';
import { waitUntil } from '../wait-until.ts';
import { alertWindows } from './alert-window.ts';
import { answerPermissionPrompt, browserWindowScreenshot, waitForPermissionPrompt } from './browser-window.ts';
import { firefoxPage } from './firefox-page.ts';
import { waitForPage } from './wait-for-page.ts';

const defaultTimeoutMs = 10_000;

// A clean quit takes about 0.4 s; much later it hangs.
const quitTimeoutMs = 10_000;

export interface ConnectedFirefoxOptions {
  readonly connection: BidiConnection;
  readonly version: string;
  readonly profileDir: string;
  readonly kill: () => void;
  readonly closed: Promise<void>;
}

export function connectedFirefox(options: ConnectedFirefoxOptions): Firefox {
  const { connection, version, profileDir, kill, closed } = options;

  const taken = new Set<string>();

  /** A new tab, or the empty one that Firefox starts with, so that a window does not keep it beside the first page. */
  async function tab(): Promise<string> {
    const [first, ...others] = await browsingContexts(connection, 'content');
    if (first?.url === 'about:blank' && others.length === 0 && !taken.has(first.id)) {
      taken.add(first.id);
      return first.id;
    }
    return stringField(await connection.send('browsingContext.create', { type: 'tab' }), 'context');
  }

  return {
    version,
    profileDir,
    closed,
    async grantNotifications(origin) {
      await connection.send('permissions.setPermission', {
        descriptor: { name: 'notifications' },
        state: 'granted',
        origin,
      });
    },
    waitForPermissionPrompt: ({ timeoutMs = defaultTimeoutMs } = {}) => waitForPermissionPrompt(connection, timeoutMs),
    answerPermissionPrompt: (answer, { timeoutMs = defaultTimeoutMs } = {}) =>
      answerPermissionPrompt(connection, { answer, timeoutMs }),
    async open(url) {
      const context = await tab();
      await connection.send('browsingContext.navigate', { context, url, wait: 'complete' });
      return firefoxPage(connection, context);
    },
    async pages() {
      return (await browsingContexts(connection, 'content')).map(({ id }) => firefoxPage(connection, id));
    },
    async waitForPage(matches, { timeoutMs = defaultTimeoutMs } = {}) {
      return firefoxPage(connection, await waitForPage(connection, { matches, timeoutMs }));
    },
    async notifications() {
      return [...(await alertWindows(connection))];
    },
    async waitForNotification({ title, body, timeoutMs = defaultTimeoutMs } = {}) {
      let shown: Awaited<ReturnType<typeof alertWindows>> = [];
      const wanted = JSON.stringify({ title, body });
      return waitUntil(
        async () => {
          shown = await alertWindows(connection);
          return shown.find(
            (alert) => (title === undefined || alert.title === title) && (body === undefined || alert.body === body),
          );
        },
        {
          timeoutMs,
          describe: () => {
            const others = shown.map((alert) => JSON.stringify({ title: alert.title, body: alert.body }));
            return `a notification ${wanted}; shown: ${others.join(', ') || 'none'}`;
          },
        },
      );
    },
    screenshot: () => browserWindowScreenshot(connection),
    async close() {
      const stopped = new AbortController();
      const killLater = sleep(quitTimeoutMs, undefined, { signal: stopped.signal }).then(kill, () => {});
      // It has ended already, or ends before it answers: what counts is that it ends.
      await connection.send('browser.close').catch(() => {});
      await closed;
      stopped.abort();
      await killLater;
    },
    async kill() {
      kill();
      await closed;
    },
  };
}
