import type { BidiConnection } from '../bidi/bidi-connection.ts';
import { browsingContexts } from '../bidi/browsing-contexts.ts';
import { closeBrowser } from '../close-browser.ts';
import { stringField } from '../json-fields.ts';
import type { Firefox } from '../firefox.ts';
import { waitForNotification } from '../wait-for-notification.ts';
import { alertWindows } from './alert-window.ts';
import { answerPermissionPrompt, browserWindowScreenshot, waitForPermissionPrompt } from './browser-window.ts';
import { firefoxPage } from './firefox-page.ts';
import { activateTab } from './tab-window.ts';
import { waitForPage } from './wait-for-page.ts';

const defaultTimeoutMs = 10_000;

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
  async function tab(type: 'tab' | 'window'): Promise<string> {
    const [first, ...others] = await browsingContexts(connection, 'content');
    if (first?.url === 'about:blank' && others.length === 0 && !taken.has(first.id)) {
      taken.add(first.id);
      await activateTab(connection, first.id);
      return first.id;
    }
    return stringField(await connection.send('browsingContext.create', { type }), 'context');
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
    async clearCookies(origin) {
      await connection.send('storage.deleteCookies', { filter: { domain: new URL(origin).hostname } });
    },
    async open(url, { window = false } = {}) {
      const context = await tab(window ? 'window' : 'tab');
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
    waitForNotification: (wanted) => waitForNotification(() => alertWindows(connection), wanted),
    screenshot: () => browserWindowScreenshot(connection),
    close: () => closeBrowser({ kill, closed, quit: () => connection.send('browser.close') }),
    async kill() {
      kill();
      await closed;
    },
  };
}
