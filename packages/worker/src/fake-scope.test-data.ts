import type { DeviceRecord } from './device-record.ts';
import { type FakeClock, fakeClock } from './fake-clock.test-data.ts';
import { type FakePage, fakePage, type FakePageOptions } from './fake-page.test-data.ts';
import { type FakePushManager, fakePushManager } from './fake-push-manager.test-data.ts';
import { type FakeServer, fakeServer } from './fake-server.test-data.ts';
import { type FakeStorage, fakeStorage, SCOPE } from './fake-storage.test-data.ts';
import { fieldsOf, text } from './fields.ts';
import { pushWorkerDeps } from './install-push-worker.ts';
import type { PushWorkerDeps } from './push-worker-deps.ts';
import type { NotificationLike, PushWorkerEvents } from './push-worker-events.ts';
import type { PushWorkerOptions } from './push-worker-options.ts';
import type { PushWorkerScope } from './push-worker-scope.ts';

export const CHROMIUM =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
export const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0';
export const WEBKIT =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1';

const DEFAULT_NOTIFICATION = { title: 'News', body: 'There is news.', url: '/news' };

type Listeners = { [Type in keyof PushWorkerEvents]: (event: PushWorkerEvents[Type]) => void };

export interface FakeScopeOptions extends PushWorkerOptions {
  /** Undefined: none is known. */
  readonly device?: DeviceRecord | undefined;
  readonly pages?: readonly FakePageOptions[];
  readonly userAgent?: string;
  /** Whether the browser has `setAppBadge`. */
  readonly hasBadges?: boolean;
}

/** A notification on the screen. */
export interface FakeNotification extends NotificationLike {
  readonly title: string;
  readonly body?: unknown;
  readonly silent?: unknown;
}

/** A service worker at https://app.example/app/ in a browser that is played; `calls` is what it was asked for, in order. */
export interface FakeScope {
  readonly scope: PushWorkerScope;
  readonly deps: PushWorkerDeps;
  readonly clock: FakeClock;
  readonly calls: [string, ...unknown[]][];
  readonly reports: unknown[];
  readonly storage: FakeStorage;
  readonly server: FakeServer;
  readonly push: FakePushManager;
  readonly pages: FakePage[];
  readonly screen: FakeNotification[];
  /** What the browser does otherwise. */
  readonly browser: {
    showNotification: (title: string, options: object) => Promise<void>;
    setAppBadge: () => Promise<void>;
    getNotifications: () => Promise<readonly FakeNotification[]>;
    matchAll: () => Promise<readonly FakePage[]>;
  };
  listening(): string[];
  /** Calls the listeners of a type. */
  dispatch<Type extends keyof PushWorkerEvents>(type: Type, event: PushWorkerEvents[Type]): void;
}

export function fakeScope(options: FakeScopeOptions = {}): FakeScope {
  const { device, pages: pageOptions = [], userAgent = CHROMIUM, hasBadges = true, ...workerOptions } = options;
  const clock = fakeClock();
  const calls: FakeScope['calls'] = [];
  const reports: unknown[] = [];
  const storage = fakeStorage(device);
  const server = fakeServer();
  const push = fakePushManager();
  const pages = pageOptions.map((each) => fakePage(each, { clock, calls }));
  const screen: FakeNotification[] = [];
  const listeners: Partial<Listeners> = {};

  const browser: FakeScope['browser'] = {
    async showNotification(title, shown) {
      const members = structuredClone(fieldsOf(shown));
      const tag = text(members.tag) ?? '';
      const replaced = screen.findIndex((each) => tag !== '' && each.tag === tag);
      if (replaced >= 0) screen.splice(replaced, 1);
      const notification = {
        ...members,
        title,
        tag,
        data: members.data,
        close: () => void screen.splice(screen.indexOf(notification), 1),
      };
      screen.push(notification);
    },
    setAppBadge: async () => {},
    getNotifications: async () => screen,
    matchAll: async () => pages,
  };

  const scope: PushWorkerScope = {
    location: { host: 'app.example', origin: 'https://app.example' },
    navigator: {
      userAgent,
      ...(hasBadges && {
        setAppBadge(count: number) {
          calls.push(['setAppBadge', count]);
          return browser.setAppBadge();
        },
      }),
    },
    registration: {
      scope: SCOPE,
      pushManager: push,
      showNotification(title, shown) {
        calls.push(['showNotification', title, shown]);
        return browser.showNotification(title, shown);
      },
      getNotifications: async ({ tag }) => (await browser.getNotifications()).filter((each) => each.tag === tag),
    },
    clients: {
      matchAll: () => browser.matchAll(),
      openWindow: async (url) => calls.push(['openWindow', url]),
    },
    crypto,
    get indexedDB(): IDBFactory {
      throw new Error('A test has none');
    },
    addEventListener: <Type extends keyof PushWorkerEvents>(type: Type, listener: Listeners[Type]): void => {
      listeners[type] = listener;
    },
    fetch: server.fetch,
    setTimeout: clock.setTimeout,
  };

  const deps: PushWorkerDeps = {
    ...pushWorkerDeps(scope, { defaultNotification: DEFAULT_NOTIFICATION, ...workerOptions }),
    storage: (change) => storage.transact(change),
    now: clock.now,
    random: () => 0.5,
    ask: (page, question) => {
      const asked = pages.find((each) => each === page);
      if (asked === undefined) throw new Error('It is none of the open pages');
      return asked.ask(question);
    },
    report: (error) => void reports.push(error),
  };
  return {
    scope,
    deps,
    clock,
    calls,
    reports,
    storage,
    server,
    push,
    pages,
    screen,
    browser,
    listening: () => Object.keys(listeners),
    dispatch: (type, event) => listeners[type]?.(event),
  };
}
