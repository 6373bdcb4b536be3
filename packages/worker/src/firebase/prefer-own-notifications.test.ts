import { expect, test } from 'vitest';
import type { PushWorkerScope } from '../push-worker-scope.ts';
import { preferOwnNotifications } from './prefer-own-notifications.ts';

/** A worker whose browser has the notifications `shown`, unless it `refuses` them. */
function worker(refuses: (options: object) => boolean = () => false) {
  const shown: string[] = [];
  const timers: (() => void)[] = [];
  const nothing = (): never => {
    throw new Error('It asks for nothing else');
  };
  const registration: PushWorkerScope['registration'] = {
    scope: 'https://app.example/',
    pushManager: { getSubscription: nothing, subscribe: nothing },
    async showNotification(title, options) {
      if (refuses(options)) throw new TypeError(`${title} is refused`);
      shown.push(title);
    },
    getNotifications: nothing,
  };
  const callPreferring = preferOwnNotifications({
    location: { host: 'app.example', origin: 'https://app.example' },
    registration,
    setTimeout: (callback) => timers.push(callback),
  });
  return {
    shown,
    timers,
    call: (id: string, handle: () => unknown, notification: { title: string } | null = { title: 'Declared' }) =>
      callPreferring({ id, notification }, handle),
    showOwn: (title = 'Own') => registration.showNotification(title, { body: 'of the app' }),
    showBelfrys: (id: string) => registration.showNotification(`Belfry's ${id}`, { data: { belfry: { v: 1, id } } }),
  };
}

test.each<[what: string, handle: (showOwn: () => Promise<void>) => unknown]>([
  ['and neither waits for it nor answers it', (showOwn) => void showOwn()],
  ['and answers it', (showOwn) => showOwn()],
  [
    'after it has waited',
    async (showOwn) => {
      await Promise.resolve();
      await showOwn();
    },
  ],
])('what a handler shows, %s, is all that is shown', async (_what, handle) => {
  const { shown, call, showOwn, showBelfrys } = worker();
  await call('m1', () => handle(() => showOwn()));
  await showBelfrys('m1');
  expect(shown).toEqual(['Own']);
});

test('for a handler that shows nothing, or fails, Belfry’s is shown', async () => {
  const { shown, call, showBelfrys } = worker();
  await call('m1', () => 'nothing');
  await showBelfrys('m1');
  const failing = call('m2', () => {
    throw new Error('of the app');
  });
  await expect(failing).rejects.toThrow('of the app');
  await showBelfrys('m2');
  expect(shown).toEqual(["Belfry's m1", "Belfry's m2"]);
});

test('a handler that has shown its own is not waited for', async () => {
  const { shown, call, showOwn, showBelfrys } = worker();
  void call('m1', async () => {
    await showOwn();
    await new Promise(() => {});
  });
  await showBelfrys('m1');
  const failing = call('m2', () => {
    void showOwn();
    throw new Error('of the app');
  });
  await expect(failing).rejects.toThrow('of the app');
  await showBelfrys('m2');
  expect(shown).toEqual(['Own', 'Own']);
});

test('where the browser refuses the handler’s, Belfry’s is shown', async () => {
  const { shown, call, showOwn, showBelfrys } = worker((options) => 'body' in options);
  await call('m1', () => void showOwn());
  await showBelfrys('m1');
  expect(shown).toEqual(["Belfry's m1"]);
});

test('where the browser demands `navigate`, as WebKit does, the handler’s gets one', async () => {
  const given: object[] = [];
  const { shown, call, showOwn } = worker((options) => {
    given.push(options);
    return !('navigate' in options);
  });
  await call('m1', () => showOwn());
  expect(shown).toEqual(['Own']);
  expect(given[1]).toEqual({ navigate: 'https://app.example/', body: 'of the app' });
});

test('of handlers that run at once, it is the one that shows something whose message is left out', async () => {
  const { shown, call, showOwn, showBelfrys } = worker();
  const { promise: waited, resolve } = Promise.withResolvers<void>();
  const first = call('m1', () => waited);
  await call('m2', () => void showOwn());
  await showBelfrys('m2');
  resolve();
  await first;
  await showBelfrys('m1');
  expect(shown).toEqual(['Own', "Belfry's m1"]);
});

test('of handlers that wait at once, each one’s notification is its own', async () => {
  const { shown, call, showOwn, showBelfrys } = worker();
  const ids = ['m1', 'm2', 'm3'];
  await Promise.all(
    ids.map(async (id) => {
      await call(id, async () => showOwn(await Promise.resolve(`Own ${id}`)));
      await showBelfrys(id);
    }),
  );
  expect(shown).toEqual(['Own m1', 'Own m2', 'Own m3']);
});

test('a handler of data alone has another second after it has ended', async () => {
  const { shown, timers, call, showOwn, showBelfrys } = worker();
  const called = call('m1', () => {}, null);
  const received = called.then(() => showBelfrys('m1'));
  await Promise.resolve();
  await Promise.resolve();
  expect(timers).toHaveLength(1);
  void showOwn();
  timers[0]?.();
  await received;
  expect(shown).toEqual(['Own']);

  await call('m2', () => showOwn(), null);
  await call('m3', () => {});
  expect(timers).toHaveLength(1);
});

test('what the app shows outside of its handler takes nobody’s place', async () => {
  const { shown, call, showOwn, showBelfrys } = worker();
  await call('m1', () => {});
  await showOwn();
  await showBelfrys('m1');
  expect(shown).toEqual(['Own', "Belfry's m1"]);
});

test('a message that comes again is shown again', async () => {
  const { shown, call, showOwn, showBelfrys } = worker();
  await call('m1', () => showOwn());
  await showBelfrys('m1');
  await showBelfrys('m1');
  expect(shown).toEqual(['Own', "Belfry's m1"]);
});
