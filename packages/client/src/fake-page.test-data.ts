import { type Capabilities, EVERYTHING } from './capabilities.test-data.ts';
import type { DeviceRecord, DeviceRecordStore } from './device-record.ts';
import { type FakeServer, fakeServer } from './fake-server.test-data.ts';
import { type FakePushManager, fakePushManager } from './fake-push-manager.test-data.ts';
import { PushClientError } from './push-client-error.ts';
import type { PushClient } from './push-client.ts';
import type { InstallingWorker, PushEnvironment, RegistrationSubset, ShownNotification } from './push-environment.ts';
import type { PushStatus } from './push-results.ts';

export const SCOPE = 'https://app.example/';
export const NOW = Date.UTC(2026, 0, 2);

/** A page at https://app.example/settings/, its browser's push state, and a note of what was asked of it. */
export interface FakePage {
  readonly environment: PushEnvironment;
  readonly records: DeviceRecordStore;
  readonly stored: Map<string, DeviceRecord>;
  /** The record of the page's own scope. */
  readonly record: DeviceRecord | undefined;
  readonly server: FakeServer;
  readonly push: FakePushManager;
  readonly calls: string[];
  address: string;
  permission: NotificationPermission;
  /** What the user answers to the prompt. */
  answer: NotificationPermission;
  /** Whether the app has registered a worker. */
  registered: boolean;
  /** What register() throws, if anything. */
  registerError: Error | null;
  /** A worker that is still installing; null: it is active. */
  installing: FakeWorker | null;
  /** What the storage, the browser and the network take before they answer; nothing, unless a test says so. */
  latency(): Promise<void>;
  /** How many calls of the storage succeed before one fails; then they succeed again. */
  storageFailsAfter: number;
  /** The notifications on the screen; a closed one leaves it. */
  shown: ShownNotification[];
  /** How many listeners the window has. */
  readonly listening: number;
  fire(type: 'online' | 'focus' | 'hashchange'): void;
  /** As the user does it in the browser's settings. */
  changePermission(permission: NotificationPermission): void;
  /** Lets the time of every timer and every request run out. */
  runOutOfTime(): void;
  /** Settles once a timer is set. */
  readonly timerSet: Promise<void>;
}

export interface FakeWorker extends InstallingWorker {
  become(state: ServiceWorkerState): void;
}

export function fakeWorker(): FakeWorker {
  let state: ServiceWorkerState = 'installing';
  const listeners: (() => void)[] = [];
  return {
    get state() {
      return state;
    },
    addEventListener: (_, listener) => void listeners.push(listener),
    become(next) {
      state = next;
      for (const listener of listeners) listener();
    },
  };
}

/** Resolves once the client shows this. */
export function untilStatus(client: Pick<PushClient, 'onState'>, status: PushStatus): Promise<void> {
  return new Promise((resolve) => {
    client.onState((state) => {
      if (state.status === status) resolve();
    });
  });
}

function noStorage(): never {
  throw new DOMException('There is no storage here', 'SecurityError');
}

export function fakePage(has: Capabilities = EVERYTHING): FakePage {
  const { promise: timerSet, resolve: noteTimer } = Promise.withResolvers<void>();
  const timers = new Map<number, () => void>();
  const requests = new Set<AbortController>();
  const listeners: { type: string; listener: () => void }[] = [];
  const permissionListeners: (() => void)[] = [];
  const server = fakeServer();
  const stored = new Map<string, DeviceRecord>();
  const calls: string[] = [];
  const push = fakePushManager({ calls, latency: () => page.latency() });
  let timerIds = 0;

  const registration: RegistrationSubset = {
    scope: SCOPE,
    get installing() {
      return page.installing;
    },
    waiting: null,
    get active() {
      return page.installing === null ? {} : null;
    },
    pushManager: push.manager,
    getNotifications: async () => page.shown,
  };

  const serviceWorker: NonNullable<PushEnvironment['navigator']['serviceWorker']> = {
    get ready() {
      return page.registered ? Promise.resolve(registration) : new Promise<never>(() => {});
    },
    async register(url, { scope, type }) {
      calls.push(`register ${url} ${scope} ${type}`);
      if (page.registerError !== null) throw page.registerError;
      page.registered = true;
      return registration;
    },
    getRegistration: async () => (page.registered ? registration : undefined),
  };

  const environment: PushEnvironment = {
    isSecureContext: has.isSecureContext,
    location: {
      get href() {
        return page.address;
      },
      get hash() {
        return new URL(page.address).hash;
      },
      origin: 'https://app.example',
    },
    history: {
      state: { of: 'the router' },
      replaceState(state, _, url) {
        calls.push(`replaceState ${JSON.stringify(state)}`);
        page.address = url;
      },
    },
    navigator: {
      language: 'de-CH',
      permissions: {
        query: async () => ({ addEventListener: (_, listener) => void permissionListeners.push(listener) }),
      },
      ...(has.standalone !== undefined && { standalone: has.standalone }),
      ...(has.serviceWorker && { serviceWorker }),
    },
    ...(has.PushManager && { PushManager: {} }),
    ...(has.pushManager && { pushManager: push.manager }),
    ...(has.Notification && {
      Notification: {
        get permission() {
          return page.permission;
        },
        async requestPermission() {
          calls.push('requestPermission');
          page.permission = page.answer;
          return page.answer;
        },
      },
    }),
    indexedDB: { cmp: noStorage, databases: noStorage, deleteDatabase: noStorage, open: noStorage },
    crypto,
    Date: { now: () => NOW },
    AbortSignal: {
      timeout() {
        const controller = new AbortController();
        requests.add(controller);
        return controller.signal;
      },
    },
    fetch(url, init) {
      const { promise: timeUp, reject } = Promise.withResolvers<never>();
      init.signal?.addEventListener('abort', () => reject(new DOMException('…', 'TimeoutError')));
      return Promise.race([fetchSlowly(url, init), timeUp]);
    },
    setTimeout(callback) {
      timerIds += 1;
      timers.set(timerIds, callback);
      noteTimer();
      return timerIds;
    },
    addEventListener: (type, listener) => void listeners.push({ type, listener }),
  };

  async function fetchSlowly(url: string, init: RequestInit): Promise<Response> {
    await page.latency();
    const response = await server.fetch(url, init);
    await page.latency();
    return response;
  }

  /** One transaction; the storage of a browser that keeps nothing fails always. */
  async function transact(scope: string, change?: (record: DeviceRecord | null) => DeviceRecord | null) {
    await page.latency();
    page.storageFailsAfter -= 1;
    if (page.storageFailsAfter === -1 || !has.storage) throw new PushClientError('storage-failed');
    const found = stored.get(scope) ?? null;
    const changed = change?.(found) ?? found;
    if (changed !== null) stored.set(scope, structuredClone(changed));
    return changed;
  }

  const page: FakePage = {
    environment,
    records: { get: transact, update: transact },
    stored,
    get record() {
      return stored.get(SCOPE);
    },
    server,
    push,
    calls,
    address: 'https://app.example/settings/',
    permission: 'default',
    answer: 'granted',
    registered: true,
    registerError: null,
    installing: null,
    shown: [],
    latency: async () => {},
    storageFailsAfter: Infinity,
    get listening() {
      return listeners.length;
    },
    fire(type) {
      for (const each of listeners.filter((one) => one.type === type)) each.listener();
    },
    changePermission(permission) {
      if (permission === page.permission) return;
      page.permission = permission;
      if (permission !== 'granted') push.subscription = null;
      for (const listener of permissionListeners) listener();
    },
    runOutOfTime() {
      for (const callback of timers.values()) callback();
      for (const controller of requests) controller.abort();
    },
    timerSet,
  };
  return page;
}

/** Puts a notification on the page's screen. */
export function showOn(page: FakePage, data: ShownNotification['data']): void {
  const shown: ShownNotification = {
    data,
    close() {
      page.shown = page.shown.filter((each) => each !== shown);
    },
  };
  page.shown = [...page.shown, shown];
}
