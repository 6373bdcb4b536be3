import type { NotificationClickEventLike, PushEventLike, PushWorkerScope } from './push-worker-scope.ts';
import type { ShownOptions } from './shown-options.ts';

type Call = [name: string, value: string | number, options?: ShownOptions];

/** A service worker at https://app.example/app/ that notes what is asked of it; `calls` is in order. */
export interface FakeScope {
  readonly scope: PushWorkerScope;
  readonly calls: Call[];
  /** What showNotification returns. */
  readonly shown: Promise<void>;
  listening(): string[];
  push(event: PushEventLike & Waiting): Promise<unknown>;
  click(event: NotificationClickEventLike & Waiting): Promise<unknown>;
}

type Listener =
  | [type: 'push', listener: (event: PushEventLike) => void]
  | [type: 'notificationclick', listener: (event: NotificationClickEventLike) => void];

interface Waiting {
  readonly work: Promise<unknown>[];
}

export function fakeScope(
  options: {
    windows?: readonly string[];
    showNotification?: () => Promise<void>;
    setAppBadge?: (() => Promise<void>) | undefined;
  } = {},
): FakeScope {
  const calls: Call[] = [];
  const shown = Promise.resolve();
  const listeners: Listener[] = [];
  const { windows = [], showNotification = () => shown, setAppBadge = () => shown } = options;
  const scope: PushWorkerScope = {
    location: { host: 'app.example', origin: 'https://app.example' },
    navigator:
      'setAppBadge' in options && options.setAppBadge === undefined
        ? {}
        : {
            setAppBadge(count) {
              calls.push(['setAppBadge', count]);
              return setAppBadge();
            },
          },
    registration: {
      scope: 'https://app.example/app/',
      showNotification(title, shownOptions) {
        calls.push(['showNotification', title, shownOptions]);
        return showNotification();
      },
    },
    clients: {
      matchAll: async () => windows.map((url) => ({ url, focus: async () => calls.push(['focus', url]) })),
      openWindow: async (url) => calls.push(['openWindow', url]),
    },
    addEventListener: (...listener: Listener) => void listeners.push(listener),
  };
  return {
    scope,
    calls,
    shown,
    listening: () => listeners.map(([type]) => type),
    push(event) {
      for (const [type, listener] of listeners) if (type === 'push') listener(event);
      return Promise.all(event.work);
    },
    click(event) {
      for (const [type, listener] of listeners) if (type === 'notificationclick') listener(event);
      return Promise.all(event.work);
    },
  };
}

export function fakePush(text: string | null, notification?: object): PushEventLike & Waiting {
  const work: Promise<unknown>[] = [];
  return {
    data: text === null ? null : { text: () => text },
    ...(notification && { notification }),
    waitUntil: (promise) => void work.push(promise),
    work,
  };
}

export function fakeClick(options: {
  data: unknown;
  action?: string;
}): NotificationClickEventLike & Waiting & { closed(): boolean } {
  const work: Promise<unknown>[] = [];
  let closed = false;
  return {
    action: options.action ?? '',
    notification: {
      data: options.data,
      close() {
        closed = true;
      },
    },
    waitUntil: (promise) => void work.push(promise),
    work,
    closed: () => closed,
  };
}
