import type { DeviceRecord, DeviceRecordStore } from './device-record.ts';
import { encodeBase64url } from './encode-base64url.ts';
import type {
  InstallingWorker,
  PushEnvironment,
  PushSubscriptionSubset,
  RegistrationSubset,
} from './push-environment.ts';

export const PUBLIC_KEY: string = encodeBase64url(new Uint8Array(65).fill(4));
export const OTHER_KEY: string = encodeBase64url(new Uint8Array(65).fill(5));

type Respond = (body: unknown) => Response | Promise<Response>;

/** A server that knows Belfry's three routes; each may be answered otherwise. */
export interface FakeServer {
  readonly requests: { route: string; init: RequestInit; body: unknown }[];
  readonly routes: Record<string, Respond>;
}

function fakeServer(): FakeServer {
  return {
    requests: [],
    routes: {
      'GET /api/push/public-key': () => Response.json({ publicKey: PUBLIC_KEY }),
      'POST /api/push/subscribe': () =>
        Response.json({ data: { success: true, deviceId: 'd1', binding: 'b1' } }, { status: 201 }),
      'DELETE /api/push/subscribe': () => Response.json({ data: { success: true } }),
    },
  };
}

/** A page at https://app.example/, its browser's push state, and a note of what was asked of it. */
export interface FakePage {
  readonly environment: PushEnvironment;
  readonly records: DeviceRecordStore;
  readonly stored: Map<string, DeviceRecord>;
  readonly server: FakeServer;
  readonly calls: string[];
  subscription: FakeSubscription | null;
  permission: NotificationPermission;
  /** What the user answers to the prompt. */
  answer: NotificationPermission;
  /** What subscribe() and unsubscribe() throw, if anything. */
  subscribeError: Error | null;
  unsubscribeError: Error | null;
  /** Whether the app has registered a worker. */
  registered: boolean;
  /** A worker that is still installing; null: it is active. */
  installing: FakeWorker | null;
  /** Lets the time of every timer that is set run out. */
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

export interface FakeSubscription extends PushSubscriptionSubset {
  readonly publicKey: string;
}

export function fakeSubscription(page: FakePage, publicKey: string, endpoint: string): FakeSubscription {
  return {
    publicKey,
    endpoint,
    expirationTime: null,
    options: { applicationServerKey: bytesOf(publicKey) },
    toJSON: () => ({ keys: { p256dh: 'p', auth: 'a' } }),
    async unsubscribe() {
      page.calls.push('unsubscribe');
      if (page.unsubscribeError !== null) throw page.unsubscribeError;
      page.subscription = null;
      return true;
    },
  };
}

export function fakePage(
  lacks: readonly ('serviceWorker' | 'Notification' | 'PushManager' | 'https')[] = [],
): FakePage {
  const { promise: timerSet, resolve: noteTimer } = Promise.withResolvers<void>();
  const timers = new Map<number, () => void>();
  const server = fakeServer();
  const stored = new Map<string, DeviceRecord>();
  let endpoints = 0;

  const registration: RegistrationSubset = {
    scope: 'https://app.example/',
    get installing() {
      return page.installing;
    },
    waiting: null,
    get active() {
      return page.installing === null ? {} : null;
    },
    pushManager: {
      getSubscription: async () => page.subscription,
      async subscribe({ applicationServerKey }) {
        page.calls.push('subscribe');
        if (page.subscribeError !== null) throw page.subscribeError;
        if (page.subscription !== null && page.subscription.publicKey !== applicationServerKey) {
          throw new DOMException('A subscription with a different key exists', 'InvalidStateError');
        }
        endpoints += 1;
        page.subscription ??= fakeSubscription(page, applicationServerKey, `https://push.example/${endpoints}`);
        return page.subscription;
      },
    },
  };

  const serviceWorker: NonNullable<PushEnvironment['navigator']['serviceWorker']> = {
    get ready() {
      return page.registered ? Promise.resolve(registration) : new Promise<never>(() => {});
    },
    async register(url, { scope, type }) {
      page.calls.push(`register ${url} ${scope} ${type}`);
      page.registered = true;
      return registration;
    },
    getRegistration: async () => (page.registered ? registration : undefined),
  };

  const environment: PushEnvironment = {
    isSecureContext: !lacks.includes('https'),
    location: { href: 'https://app.example/settings/', origin: 'https://app.example' },
    navigator: { language: 'de-CH', ...(!lacks.includes('serviceWorker') && { serviceWorker }) },
    ...(!lacks.includes('PushManager') && { PushManager: {} }),
    ...(!lacks.includes('Notification') && {
      Notification: {
        get permission() {
          return page.permission;
        },
        async requestPermission() {
          page.calls.push('requestPermission');
          page.permission = page.answer;
          return page.answer;
        },
      },
    }),
    crypto,
    async fetch(url, init) {
      const route = `${init.method} ${url}`;
      const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : null;
      server.requests.push({ route, init, body });
      return (server.routes[route] ?? (() => new Response('<!doctype html>', { status: 404 })))(body);
    },
    setTimeout(callback) {
      timers.set(timers.size + 1, callback);
      noteTimer();
      return timers.size;
    },
    clearTimeout: (timer) => void timers.delete(timer),
  };

  const page: FakePage = {
    environment,
    records: {
      get: async (scope) => stored.get(scope) ?? null,
      async getOrAdd(scope, candidate) {
        if (!stored.has(scope)) stored.set(scope, candidate);
        return stored.get(scope) ?? candidate;
      },
      put: async (scope, record) => void stored.set(scope, record),
      delete: async (scope) => void stored.delete(scope),
    },
    stored,
    server,
    calls: [],
    subscription: null,
    permission: 'default',
    answer: 'granted',
    subscribeError: null,
    unsubscribeError: null,
    registered: true,
    installing: null,
    runOutOfTime() {
      for (const callback of timers.values()) callback();
    },
    timerSet,
  };
  return page;
}

function bytesOf(base64url: string): ArrayBuffer {
  const base64 = base64url.replaceAll('-', '+').replaceAll('_', '/');
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)).buffer;
}
