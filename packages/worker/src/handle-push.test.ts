import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fakePush, push } from './fake-events.test-data.ts';
import { FIREFOX, fakeScope, WEBKIT } from './fake-scope.test-data.ts';
import { unreachable } from './fake-server.test-data.ts';
import { DEVICE, SCOPE, type StorageState } from './fake-storage.test-data.ts';
import { handlePush } from './handle-push.ts';

const belfry = { v: 1, id: 'm1', binding: 'b1', seq: 1, type: 'news' };
const message = {
  notification: {
    title: 'Approved',
    body: '#4821',
    navigate: 'https://app.example/expenses/4821',
    data: { belfry, data: { n: 7 } },
  },
};

const approved = ['showNotification', 'Approved', expect.objectContaining({ body: '#4821', tag: 'belfry:m1' })];
const news = ['showNotification', 'News', expect.objectContaining({ body: 'There is news.', tag: 'belfry:default' })];

test('a message is shown, and the event is done when all that follows is', async () => {
  const fake = fakeScope({ device: DEVICE });
  expect(await push(fake, message)).toMatchObject({ state: 'done' });
  expect(fake.calls).toEqual([approved]);
  expect(fake.reports).toEqual([]);
});

test('a notification that the browser refuses fails the event, so that the push service hears of it', async () => {
  const fake = fakeScope();
  fake.browser.showNotification = () => Promise.reject(new TypeError('Permission denied'));
  expect(await push(fake, 'Hi')).toMatchObject({ state: 'failed' });
});

describe('the badge', () => {
  test('is set after the notification was shown', async () => {
    const fake = fakeScope();
    await push(fake, { title: 'Hi', app_badge: 0 });
    expect(fake.calls).toEqual([
      ['showNotification', 'Hi', expect.anything()],
      ['setAppBadge', 0],
    ]);
  });

  test.each<[string, () => Promise<void>]>([
    ['cannot be set', () => Promise.reject(new Error('not installed'))],
    ['is never set', () => new Promise(() => {})],
  ])('that %s harms nothing', async (_what, setAppBadge) => {
    const fake = fakeScope();
    fake.browser.setAppBadge = setAppBadge;
    expect(await push(fake, { title: 'Hi', app_badge: 1 })).toMatchObject({ state: 'done' });
    expect(fake.reports).toEqual([]);
  });

  test('is nothing to a browser without badges', async () => {
    const fake = fakeScope({ hasBadges: false });
    expect(await push(fake, { title: 'Hi', app_badge: 1 })).toMatchObject({ state: 'done' });
    expect(fake.calls).toMatchObject([['showNotification', 'Hi', {}]]);
  });
});

describe('a declarative push that WebKit parsed', () => {
  // As in WebKit: every member has a value, on the prototype, and the object cannot be cloned.
  class ParsedNotification {
    readonly platformObject = () => {};
    get title() {
      return 'Approved';
    }
    get body() {
      return '#4821';
    }
    get navigate() {
      return 'https://app.example/expenses/4821#belfry=m1.';
    }
    get dir() {
      return 'auto';
    }
    get tag() {
      return '';
    }
    get lang() {
      return '';
    }
    get data() {
      return { belfry, data: { n: 7 } };
    }
  }

  test('is shown as declared, with the navigate that WebKit demands', async () => {
    const fake = fakeScope({ device: DEVICE, userAgent: WEBKIT });
    await push(fake, null, new ParsedNotification());
    const navigate = 'https://app.example/expenses/4821#belfry=m1.';
    const data = { belfry, data: { n: 7 }, urls: { '': navigate } };
    expect(fake.calls).toEqual([
      ['showNotification', 'Approved', { body: '#4821', dir: 'auto', tag: 'belfry:m1', navigate, data }],
    ]);
  });

  test('can be cloned for the page that claims it', async () => {
    const fake = fakeScope({ device: DEVICE, userAgent: WEBKIT, pages: [{ claimsAfterMs: 1 }] });
    await push(fake, null, new ParsedNotification());
    expect(fake.pages[0]?.given).toMatchObject([{ id: 'm1', notification: { title: 'Approved' }, data: { n: 7 } }]);
    expect(fake.reports).toEqual([]);
  });

  test.each([
    ['/news', 'https://app.example/news'],
    [undefined, SCOPE],
  ])('of somebody else is shown as the default notification, whose click WebKit leads to %s', async (url, navigate) => {
    const defaultNotification = { title: 'News', ...(url && { url }) };
    const fake = fakeScope({ device: { ...DEVICE, confirmed: null }, userAgent: WEBKIT, defaultNotification });
    await push(fake, null, new ParsedNotification());
    expect(fake.calls).toMatchObject([['showNotification', 'News', { navigate }]]);
  });

  test('has a navigate too where a handler answers without one', async () => {
    const fake = fakeScope({ userAgent: WEBKIT });
    fake.deps.onPush['*'] = () => ({ title: 'Own', url: '/own' });
    await push(fake, null, new ParsedNotification());
    expect(fake.calls).toMatchObject([['showNotification', 'Own', { navigate: 'https://app.example/own' }]]);
  });
});

describe('within 5 s something is on the screen', () => {
  const never = (): Promise<never> => new Promise(() => {});

  /** How long it took until something was shown, in ms. */
  async function timeToShow(fake: ReturnType<typeof fakeScope>, text: string | object | null): Promise<number> {
    const start = fake.clock.now();
    const show = fake.browser.showNotification;
    let shownAfterMs = Number.POSITIVE_INFINITY;
    fake.browser.showNotification = (...notification) => {
      shownAfterMs = Math.min(shownAfterMs, fake.clock.now() - start);
      return show(...notification);
    };
    handlePush(fakePush(text), fake.deps);
    await fake.clock.pass(60_000);
    return shownAfterMs;
  }

  test.each<[string, (fake: ReturnType<typeof fakeScope>) => void]>([
    ['the storage hangs', (fake) => (fake.storage.state = 'hangs')],
    ['the storage fails', (fake) => (fake.storage.state = 'fails')],
    ['the disk is full', (fake) => (fake.storage.state = 'full')],
    ['the browser does not tell its pages', (fake) => (fake.browser.matchAll = never)],
    ['the browser does not tell its notifications', (fake) => (fake.browser.getNotifications = never)],
    ['the badge hangs', (fake) => (fake.browser.setAppBadge = never)],
    ['a handler hangs', (fake) => (fake.deps.onPush['*'] = never)],
    [
      'a handler throws',
      (fake) =>
        (fake.deps.onPush['*'] = () => {
          throw new Error('broken');
        }),
    ],
    [
      'a handler answers late',
      (fake) =>
        (fake.deps.onPush['*'] = () =>
          new Promise((resolve) => fake.clock.setTimeout(() => resolve({ title: 'Late' }), 4000))),
    ],
    ['the server does not answer', (fake) => (fake.server.routes['POST /receipts'] = never)],
    ['there is no network', (fake) => (fake.server.routes['POST /receipts'] = unreachable)],
    ['a page claims late', (fake) => (fake.deps.ask = () => ({ onmessage: null, postMessage() {} }))],
    [
      'a page cannot be asked',
      (fake) =>
        (fake.deps.ask = () => {
          throw new Error('gone');
        }),
    ],
  ])('when %s', async (_what, hinder) => {
    const fake = fakeScope({ device: DEVICE, pages: [{}] });
    hinder(fake);
    expect(await timeToShow(fake, { ...message, app_badge: 1 })).toBeLessThan(5000);
    expect(fake.screen).toHaveLength(1);
  });

  test("when everything hangs at once, and the message is another sender's", async () => {
    const fake = fakeScope({ device: DEVICE, pages: [{}] });
    fake.storage.state = 'hangs';
    fake.browser.matchAll = never;
    fake.browser.getNotifications = never;
    fake.deps.onPush['*'] = never;
    expect(await timeToShow(fake, { title: 'Hi' })).toBeLessThan(5000);
    expect(fake.screen).toMatchObject([{ title: 'Hi' }]);
  });

  test('when everything takes nearly as long as it may', async () => {
    const fake = fakeScope({ device: DEVICE, pages: [{ claimsAfterMs: 499 }], userAgent: WEBKIT });
    const { transact } = fake.storage;
    const later = (ms: number) => new Promise<void>((resolve) => fake.clock.setTimeout(resolve, ms));
    const deps = {
      ...fake.deps,
      storage: async (change?: Parameters<typeof transact>[0]) => (await later(699), transact(change)),
    };
    fake.browser.matchAll = async () => (await later(499), fake.pages);
    fake.browser.getNotifications = async () => (await later(499), fake.screen);
    fake.deps.onPush['*'] = async () => (await later(2499), { title: 'In time' });
    expect(await timeToShow({ ...fake, deps }, message)).toBeLessThan(5000);
    expect(fake.screen).toMatchObject([{ title: 'In time' }]);
  });

  test.each<[string, fc.Arbitrary<string | object | null>]>([
    ['bytes', fc.uint8Array().map((bytes) => new TextDecoder().decode(bytes))],
    ['JSON', fc.json()],
    ['no data', fc.constant(null)],
    [
      'envelope',
      fc
        .dictionary(
          fc.constantFrom('v', 'id', 'binding', 'seq', 'type', 'payload', 'foreground', 'receipts'),
          fc.oneof(fc.constantFrom(1, 'b1', 'm1'), fc.jsonValue()),
        )
        .map((fields) => ({ title: 'x', belfry: fields })),
    ],
  ])('whatever comes: %s', async (_what, texts) => {
    const states = fc.constantFrom<StorageState>('works', 'full', 'fails', 'hangs');
    await fc.assert(
      fc.asyncProperty(texts, states, fc.constantFrom(undefined, DEVICE), async (text, state, device) => {
        const fake = fakeScope({ device, userAgent: FIREFOX });
        fake.storage.state = state;
        expect(await timeToShow(fake, text)).toBeLessThan(5000);
        // What was shown can be shown again, and clicked.
        expect(fake.screen).toHaveLength(1);
      }),
      { numRuns: 60 },
    );
  });
});

test('the worker tells nobody a secret when all fails', async () => {
  const fake = fakeScope({
    device: { ...DEVICE, token: 'token-1', leaving: [{ deviceId: 'd0', deviceSecret: 'secret-0' }] },
  });
  fake.server.routes['POST /receipts'] = () => new Response(null, { status: 503 });
  fake.server.routes['DELETE /subscribe'] = unreachable;
  await push(fake, message);
  await push(fake, { belfry: { ...belfry, binding: 'b2' } });
  expect(fake.calls).toEqual([approved, news]);
  const said = fake.reports.map((error) => (error instanceof Error ? `${error.message} ${String(error.cause)}` : ''));
  expect(said).toHaveLength(2);
  expect(said.join()).not.toMatch(/secret|token|endpoint|push\.example/);
});

test('the event ends once its message is shown and noted, whatever the server takes for its receipt', async () => {
  const fake = fakeScope({ device: DEVICE });
  fake.server.routes['POST /receipts'] = () => new Promise(() => {});
  const event = fakePush({ title: 'Hi', belfry: { v: 1, id: 'm1', binding: 'b1', seq: 1 } });
  handlePush(event, fake.deps);
  await fake.clock.pass(10);
  expect(event.state).toBe('done');
  expect(fake.storage.records.worker.receipts).toMatchObject([{ id: 'm1', kind: 'shown' }]);
});
