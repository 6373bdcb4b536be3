import type { CdpConnection } from '../cdp/cdp-connection.ts';
import type { Chromium } from '../chromium.ts';
import { closeBrowser } from '../close-browser.ts';
import type { NotificationServer } from '../dbus/serve-notifications.ts';
import { stringField } from '../json-fields.ts';
import type { Page } from '../page.ts';
import { waitForNotification } from '../wait-for-notification.ts';
import { answerDialogs } from './answer-dialogs.ts';
import { chromiumNotifications } from './chromium-notification.ts';
import { chromiumPage } from './chromium-page.ts';
import { defaultTimeoutMs } from './default-timeout.ts';
import { navigate } from './navigate.ts';
import { setNotificationPermission } from './notification-permission.ts';
import { watchPageTargets } from './page-targets.ts';
import { waitForPage } from './wait-for-page.ts';

export interface ConnectedChromiumOptions {
  readonly connection: CdpConnection;
  readonly headless: boolean;
  readonly desktop: NotificationServer | undefined;
  readonly profileDir: string;
  readonly kill: () => void;
  readonly closed: Promise<void>;
}

export async function connectedChromium(options: ConnectedChromiumOptions): Promise<Chromium> {
  const { connection, desktop, profileDir, kill, closed } = options;
  const product = stringField(await connection.send('Browser.getVersion'), 'product');
  const targets = await watchPageTargets(connection);
  if (options.headless) await answerDialogs(connection);
  const taken = new Set<string>();

  /** A new tab, or the empty one that Chromium starts with, so that a window does not keep it beside the first page. */
  async function tab(window: boolean): Promise<string> {
    const [first, ...others] = await targets.list();
    if (first?.url === 'about:blank' && others.length === 0 && !taken.has(first.id)) {
      taken.add(first.id);
      await (await page(first.id)).activate();
      return first.id;
    }
    return targets.create({ window });
  }
  const page = (targetId: string): Promise<Page> => chromiumPage({ connection, targets, targetId });
  const setPermission = (origin: string, permission: 'allow' | 'block'): Promise<void> =>
    setNotificationPermission({ connection, targets, origin, permission });

  async function notifications() {
    // Rejects once the browser has ended: what the desktop showed last says nothing then.
    await connection.send('Browser.getVersion');
    return [...chromiumNotifications(desktop)];
  }

  return {
    // Such as `Chrome/156.0.8078.79`.
    version: product.replace(/^.*\//, ''),
    profileDir,
    closed,
    grantNotifications: (origin) => setPermission(origin, 'allow'),
    setNotificationPermission: setPermission,
    clearCookies: (origin) =>
      targets.withHiddenTab(async (id) => {
        const session = await connection.session(id);
        await session.send('Storage.clearDataForOrigin', { origin: new URL(origin).origin, storageTypes: 'cookies' });
      }),
    async open(url, { window = false } = {}) {
      const targetId = await tab(window);
      await navigate(await connection.session(targetId), url);
      return page(targetId);
    },
    async pages() {
      return Promise.all((await targets.list()).map(({ id }) => page(id)));
    },
    async waitForPage(matches, { timeoutMs = defaultTimeoutMs } = {}) {
      return page(await waitForPage({ connection, targets, matches, timeoutMs }));
    },
    notifications,
    waitForNotification: (wanted) => waitForNotification(notifications, { timeoutMs: defaultTimeoutMs, ...wanted }),
    close: () => closeBrowser({ kill, closed, quit: () => connection.send('Browser.close') }),
    async kill() {
      kill();
      await closed;
    },
  };
}
