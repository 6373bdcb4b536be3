import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type PushSink, startPushSink, subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { ORIGIN, startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';
import type { Message } from './message.ts';

let server: TestBelfry;
beforeEach(async () => {
  server = await startTestBelfry();
});
afterEach(() => server.close());

async function subscribe(device = subscribeAtSink()) {
  await server.post('/subscribe', { body: { ...device.subscription, origin: ORIGIN } });
  return device;
}

describe('a device of Apple', () => {
  const HOST = 'web.push.apple.com';
  let apple: PushSink;
  let device: ReturnType<typeof subscribeAtSink>;
  beforeEach(async () => {
    apple = await startPushSink(HOST);
    await server.restart({
      developmentPushServices: [server.sink.service, apple.service],
      defaultNotification: { title: 'News', url: '/news' },
    });
    device = await subscribe(subscribeAtSink('iphone', HOST));
  });
  afterEach(() => apple.close());

  test('gets urls that say what was clicked, and no other does', async () => {
    const laptop = await subscribe();
    const actions = [{ action: 'undo', title: 'Undo' }];
    const { id, settled } = await server.belfry.notify('ada', { notification: { title: 'x', url: '/a', actions } });
    expect(await settled()).toMatchObject([{ outcome: 'accepted' }, { outcome: 'accepted' }]);
    expect(device.read(apple.received[0])).toMatchObject({
      notification: {
        navigate: expect.stringMatching(`^${ORIGIN}/a#belfry=${id}\\.[\\w\\-]{16}\\.$`),
        actions: [{ navigate: expect.stringMatching(`^${ORIGIN}/a#belfry=${id}\\.[\\w\\-]{16}\\.undo$`) }],
      },
    });
    expect(laptop.read(server.sink.received[0])).toMatchObject({
      notification: { navigate: `${ORIGIN}/a`, actions: [{ navigate: `${ORIGIN}/a` }] },
    });
  });

  test('has data alone shown as the default notification', async () => {
    const notified = await server.belfry.notify({ all: true }, { type: 'cache.stale', payload: 1 });
    await server.until(() => apple.received.length === 1);
    expect(device.read(apple.received[0])).toEqual({
      web_push: 8030,
      mutable: true,
      notification: {
        title: 'News',
        tag: 'belfry:default',
        navigate: expect.stringMatching(`^${ORIGIN}/news#belfry=${notified.id}\\.[\\w\\-]{16}\\.$`),
        data: {
          belfry: expect.objectContaining({ id: notified.id, type: 'cache.stale', payload: 1, receipts: 0.05 }),
        },
      },
    });
  });

  test.each<[string, (text: string) => Message]>([
    [
      'a notification',
      (body) => ({ notification: { title: 'x', body, actions: [{ action: '#'.repeat(64), title: 'y' }] } }),
    ],
    ['data alone', (payload) => ({ type: 'x', payload })],
  ])('takes every message that is not refused: %s', async (_what, messageOf) => {
    const notify = (bytes: number) => server.belfry.notify('ada', messageOf('b'.repeat(bytes)));
    const [, needed] = /needs (\d+)/.exec(await notify(3993).then(() => '', String)) ?? [];
    const longest = 3993 - (Number(needed) - 3993);
    await expect(notify(longest + 1)).rejects.toMatchObject({ id: 'message-too-large' });
    expect(await (await notify(longest)).settled()).toMatchObject([{ outcome: 'accepted' }]);
  });
});

describe('what a message tells the worker', () => {
  test('is where it appears over an open page, and how many report of it', async () => {
    const device = await subscribe();
    const envelopes = async (target: 'ada' | { all: true }, foreground?: 'page' | 'notification' | 'both') => {
      const before = server.sink.received.length;
      await server.belfry.notify(target, { type: 'x' }, { foreground });
      await server.until(() => server.sink.received.length > before);
      return Reflect.get(Object(device.read(server.sink.received[before])), 'belfry');
    };
    expect(await envelopes('ada')).not.toHaveProperty('foreground');
    expect(await envelopes('ada', 'page')).not.toHaveProperty('foreground');
    expect(await envelopes('ada', 'both')).toMatchObject({ foreground: 'both' });
    expect(await envelopes('ada', 'both')).not.toHaveProperty('receipts');
    expect(await envelopes({ all: true }, 'notification')).toMatchObject({
      foreground: 'notification',
      receipts: 0.05,
    });
  });
});
