import { describe, expect, test } from 'vitest';
import { fakePush, LONG_MS, push } from './fake-events.test-data.ts';
import { FIREFOX, fakeScope } from './fake-scope.test-data.ts';
import { DEVICE } from './fake-storage.test-data.ts';
import { handlePush } from './handle-push.ts';

const message = (id: string, { seq = 1, tag, ...more }: { seq?: number; tag?: string; body?: string } = {}) => ({
  notification: {
    title: `Title of ${id}`,
    vibrate: [200],
    tag,
    renotify: tag !== undefined,
    navigate: `/${id}`,
    ...more,
    data: { belfry: { v: 1, id, binding: 'b1', seq, type: 'news' }, data: { id } },
  },
});

function counted(fake: ReturnType<typeof fakeScope>): string[] {
  const handled: string[] = [];
  fake.deps.onPush['*'] = ({ id }) => void handled.push(String(id));
  return handled;
}

describe('a message that comes again', () => {
  test('is shown again under its tag, silently, and is handled and reported once', async () => {
    const fake = fakeScope({ device: DEVICE, pages: [{ claimsAfterMs: 0 }], userAgent: '' });
    const handled = counted(fake);
    await push(fake, message('m1'));
    await push(fake, message('m1'));
    expect(fake.calls.map(([, , options]) => options)).toMatchObject([
      { tag: 'belfry:m1', silent: undefined, vibrate: [200] },
      { tag: 'belfry:m1', silent: true, vibrate: undefined },
    ]);
    expect(fake.screen).toHaveLength(1);
    expect(handled).toEqual(['m1']);
    expect(fake.pages[0]?.questions).toHaveLength(1);
    expect(fake.server.requests).toHaveLength(1);
    expect(fake.storage.records.worker.seen).toEqual(['m1']);
  });

  test('is shown again as its handler has changed it, while that is on the screen', async () => {
    const fake = fakeScope({ device: DEVICE });
    fake.deps.onPush['*'] = () => ({ title: 'Own' });
    await push(fake, message('m1'));
    await push(fake, message('m1'));
    expect(fake.screen).toMatchObject([{ title: 'Own', silent: true, data: { belfry: { id: 'm1' } } }]);
  });

  test('is shown again where it is not on the screen any more', async () => {
    const fake = fakeScope({ device: DEVICE });
    await push(fake, message('m1'));
    fake.screen.pop();
    await push(fake, message('m1'));
    expect(fake.screen).toMatchObject([{ title: 'Title of m1', silent: true, tag: 'belfry:m1' }]);
  });

  test('is shown where a page had taken it before', async () => {
    const fake = fakeScope({ device: DEVICE, pages: [{ claimsAfterMs: 0 }] });
    await push(fake, message('m1'));
    expect(fake.screen).toEqual([]);
    await push(fake, message('m1'));
    expect(fake.screen).toMatchObject([{ silent: true }]);
    expect(fake.pages[0]?.given).toHaveLength(1);
  });

  test('is known to the next run of the worker too', async () => {
    const fake = fakeScope({ device: DEVICE });
    await push(fake, message('m1'));
    const next = fakeScope({ device: DEVICE });
    next.storage.records = fake.storage.records;
    const handled = counted(next);
    await push(next, message('m1'));
    expect(handled).toEqual([]);
    expect(next.screen).toMatchObject([{ silent: true }]);
  });

  test('is known on a full disk, while the worker runs', async () => {
    const fake = fakeScope({ device: DEVICE });
    fake.storage.state = 'full';
    const handled = counted(fake);
    await push(fake, message('m1'));
    await push(fake, message('m1'));
    expect(handled).toEqual(['m1']);
  });

  test('at the same time is handled once, and is one notification', async () => {
    const fake = fakeScope({ device: DEVICE });
    const handled = counted(fake);
    for (const event of [fakePush(message('m1')), fakePush(message('m1'))]) handlePush(event, fake.deps);
    await fake.clock.pass(LONG_MS);
    expect(handled).toEqual(['m1']);
    expect(fake.screen).toMatchObject([{ tag: 'belfry:m1' }]);
    expect(fake.calls.filter(([name]) => name === 'showNotification')).toHaveLength(2);
    expect(fake.storage.records.worker.seen).toEqual(['m1']);
  });

  test('is not known any more after 200 others', async () => {
    const fake = fakeScope({ device: DEVICE });
    fake.storage.records = {
      device: DEVICE,
      worker: { receipts: [], quiet: [], seen: Array.from({ length: 200 }, (_, n) => `old-${n}`) },
    };
    await push(fake, message('m1'));
    const { seen } = fake.storage.records.worker;
    expect([seen.length, seen[0], seen.at(-1)]).toEqual([200, 'old-1', 'm1']);
  });
});

describe('a message that is older than what its tag shows', () => {
  test('does not take its place: the newer one is shown again, silently, with its data', async () => {
    const fake = fakeScope({ device: DEVICE });
    const handled = counted(fake);
    await push(fake, message('new', { seq: 7, tag: 'chat', body: 'newer' }));
    const data = structuredClone(fake.screen[0]?.data);
    await push(fake, message('old', { seq: 6, tag: 'chat', body: 'older' }));
    expect(fake.screen).toMatchObject([
      { title: 'Title of new', body: 'newer', silent: true, renotify: undefined, data },
    ]);
    expect(handled).toEqual(['new', 'old']);
    expect(fake.server.requests.map(({ body }) => body)).toMatchObject([
      { receipts: [{ id: 'new', kind: 'shown' }] },
      { receipts: [{ id: 'old', kind: 'received' }] },
    ]);
  });

  test('and whose handler answers with another tag is shown', async () => {
    const fake = fakeScope({ device: DEVICE });
    await push(fake, message('new', { seq: 7, tag: 'chat' }));
    fake.deps.onPush['*'] = () => ({ title: 'Own', tag: 'other' });
    await push(fake, message('old', { seq: 6, tag: 'chat' }));
    expect(fake.screen).toMatchObject([{ title: 'Title of new' }, { title: 'Own' }]);
  });

  test('is nothing special under a tag of its own', async () => {
    const fake = fakeScope({ device: DEVICE });
    await push(fake, message('new', { seq: 7 }));
    await push(fake, message('old', { seq: 6 }));
    expect(fake.screen).toMatchObject([{ title: 'Title of new' }, { title: 'Title of old', silent: undefined }]);
  });

  test('takes the place of what the app itself, or another sender, shows there', async () => {
    const fake = fakeScope({ device: DEVICE });
    await push(fake, { title: 'Of another sender', tag: 'chat' });
    await push(fake, message('m1', { tag: 'chat' }));
    expect(fake.screen).toMatchObject([{ title: 'Title of m1', silent: undefined }]);
  });
});

test('a newer message takes the place of the older one under its tag, aloud', async () => {
  const fake = fakeScope({ device: DEVICE, userAgent: FIREFOX });
  await push(fake, message('old', { seq: 6, tag: 'chat' }));
  await push(fake, message('new', { seq: 7, tag: 'chat' }));
  expect(fake.screen).toMatchObject([{ title: 'Title of new', silent: undefined, renotify: true }]);
});
