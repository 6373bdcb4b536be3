import { expect, onTestFinished, test } from 'vitest';
import type { OfferEnvironment, OfferEvent } from '../claim-offers.ts';
import { fakePage } from '../fake-page.test-data.ts';
import { getMessaging, type MessagePayload, onMessage } from './index.ts';

const NEWS = {
  id: 'm1',
  type: 'fcm',
  payload: { from: '/topics/news', data: { room: '7' } },
  notification: { title: 'News', body: 'b', icon: 'https://app.example/i.png', url: 'https://app.example/news' },
};

/** A page with one messaging, and the worker's side of it: `offer` asks the page on one port, whose `answers` are what it says. */
function page() {
  const listeners = new Set<(event: OfferEvent) => void>();
  const environment: OfferEnvironment = {
    navigator: {
      serviceWorker: {
        addEventListener: (_, listener) => void listeners.add(listener),
        removeEventListener: (_, listener) => void listeners.delete(listener),
        startMessages: () => {},
      },
    },
  };
  const messaging = getMessaging(null, fakePage());
  return {
    listeners,
    /** Answers what is taken next, as well as by what was given. */
    take(as: 'function' | 'observer' = 'function'): Promise<MessagePayload> & { unsubscribe(): void } {
      const { promise, resolve } = Promise.withResolvers<MessagePayload>();
      const unsubscribe = onMessage(messaging, as === 'function' ? resolve : { next: resolve }, environment);
      return Object.assign(promise, { unsubscribe });
    },
    offer(...offers: object[]): { readonly port: MessagePort; readonly answers: Promise<unknown[]> } {
      const { port1, port2 } = new MessageChannel();
      onTestFinished(() => port1.close());
      for (const data of offers) for (const listener of listeners) listener({ data, ports: [port2] });
      port2.postMessage('all');
      const answers: unknown[] = [];
      const { promise, resolve } = Promise.withResolvers<unknown[]>();
      port1.addEventListener('message', ({ data }) => (data === 'all' ? resolve(answers) : answers.push(data)));
      port1.start();
      return { port: port1, answers: promise };
    },
  };
}

test.each(['function', 'observer'] as const)('a %s gets a message as Firebase gives it', async (as) => {
  const { take, offer } = page();
  const taken = take(as);
  offer({ belfry: 'message', type: 'fcm' }).port.postMessage(NEWS);
  expect(await taken).toStrictEqual({
    messageId: 'm1',
    from: '/topics/news',
    data: { room: '7' },
    notification: { title: 'News', body: 'b', icon: 'https://app.example/i.png', image: undefined },
    fcmOptions: { link: 'https://app.example/news' },
  });
});

test('a message of data alone has no notification and no link', async () => {
  const { take, offer } = page();
  const taken = take();
  offer({ belfry: 'message', type: 'fcm' }).port.postMessage({
    ...NEWS,
    payload: { from: 'belfry' },
    notification: null,
  });
  expect(await taken).toStrictEqual({ messageId: 'm1', from: 'belfry', data: undefined });
});

test('a later handler takes the place of the one before, and each ends itself alone', async () => {
  const { take, listeners } = page();
  const [first, second] = [take(), take()];
  expect(listeners.size).toBe(1);
  first.unsubscribe();
  expect(listeners.size).toBe(1);
  second.unsubscribe();
  expect(listeners.size).toBe(0);
});

test('messages of other types, and clicks, are left to other handlers', async () => {
  const { take, offer } = page();
  void take();
  const others = [{ type: null }, { type: 'chat.message' }, { belfry: 'navigate', type: 'fcm' }];
  const { answers } = offer(...others.map((other) => ({ belfry: 'message', ...other })));
  expect(await answers).toEqual([]);
  expect(await offer({ belfry: 'message', type: 'fcm' }).answers).toEqual(['claim']);
});
