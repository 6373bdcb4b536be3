import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePush } from './parse-push.ts';

const fallback = { title: 'News', body: 'There is news.', icon: '/news.png', url: '/news' };
const belfry = { v: 1, id: 'm1', binding: 'b1', seq: 3, type: 'expense.approved', payload: { id: 4821 } };

/** What is shown; `push-handlers.test.ts` and `foreground.test.ts` look at the message. */
function parseText(text: string | null) {
  const { message, ...shown } = parsePush(text, fallback);
  return shown;
}
const parse = (message: unknown) => parseText(JSON.stringify(message));
const declare = (notification: object) => parse({ web_push: 8030, mutable: true, notification });

const shownDefault = (envelope: unknown = null) => ({
  title: 'News',
  options: {
    body: 'There is news.',
    icon: '/news.png',
    tag: 'belfry:default',
    data: { belfry: envelope, data: null, urls: { '': '/news' } },
  },
  appBadge: null,
});

describe('a declarative message', () => {
  test('is shown with every option it declares, its URLs in the data and not in navigate', () => {
    const message = {
      web_push: 8030,
      mutable: true,
      app_badge: 3,
      notification: {
        title: 'Expense approved',
        navigate: 'https://app.example/expenses/4821',
        body: '#4821',
        lang: 'en',
        dir: 'ltr',
        tag: 'expense',
        icon: 'https://app.example/icon.png',
        image: 'https://app.example/image.png',
        badge: 'https://app.example/badge.png',
        renotify: true,
        requireInteraction: true,
        silent: false,
        timestamp: 1_760_000_000_000,
        vibrate: [200, 100],
        actions: [
          {
            action: 'open',
            title: 'Open',
            navigate: 'https://app.example/open',
            icon: 'https://app.example/o.png',
            url: 'https://app.example/open',
          },
          { action: 'later', title: 'Later' },
        ],
        data: { belfry, data: { n: 7 } },
      },
    };
    expect(parse(message)).toEqual({
      title: 'Expense approved',
      options: {
        body: '#4821',
        lang: 'en',
        dir: 'ltr',
        tag: 'expense',
        icon: 'https://app.example/icon.png',
        image: 'https://app.example/image.png',
        badge: 'https://app.example/badge.png',
        renotify: true,
        requireInteraction: true,
        timestamp: 1_760_000_000_000,
        vibrate: [200, 100],
        actions: [
          { action: 'open', title: 'Open', icon: 'https://app.example/o.png', url: 'https://app.example/open' },
          { action: 'later', title: 'Later' },
        ],
        data: {
          belfry,
          data: { n: 7 },
          urls: { '': 'https://app.example/expenses/4821', open: 'https://app.example/open' },
        },
      },
      appBadge: 3,
    });
  });

  test('without a tag gets one by its id', () => {
    expect(declare({ title: 'A', data: { belfry } }).options.tag).toBe('belfry:m1');
  });

  test('without a tag and an id gets none, and no renotify, which would throw', () => {
    expect(declare({ title: 'A', renotify: true }).options).toEqual({ data: { belfry: null, data: null, urls: {} } });
  });

  test('that is silent does not vibrate, which would throw', () => {
    const { options } = declare({ title: 'A', silent: true, vibrate: [200] });
    expect(options).toMatchObject({ silent: true });
    expect(options).not.toHaveProperty('vibrate');
  });

  test('with an envelope of an unknown version is shown by its declared text', () => {
    const { title, options } = declare({ title: 'A', body: 'B', data: { belfry: { ...belfry, v: 2 }, data: 1 } });
    expect({ title, ...options }).toEqual({ title: 'A', body: 'B', data: { belfry: null, data: 1, urls: {} } });
  });

  test('of another sender keeps its data as the data of the app', () => {
    expect(declare({ title: 'A', data: { n: 7 } }).options.data).toEqual({ belfry: null, data: { n: 7 }, urls: {} });
  });

  test('with members of the wrong type is shown without them', () => {
    const { title, options } = declare({
      title: 'A',
      body: 7,
      dir: 'up',
      tag: {},
      silent: 'yes',
      timestamp: 'now',
      vibrate: 'long',
      navigate: 7,
      actions: [null, 'x', { action: 'a' }, { title: 'b' }, { action: 1, title: 2 }],
    });
    expect({ title, options }).toEqual({ title: 'A', options: { data: { belfry: null, data: null, urls: {} } } });
  });

  test.each([undefined, '', ' ', 7, null])('whose title is %j is shown under the default title', (title) => {
    const { title: shown, options } = declare({ title, body: 'B' });
    expect([shown, options.body]).toEqual(['News', 'B']);
  });

  test.each([-1, 1.5, '3', null, 1e300])('with the app_badge %j sets no badge', (badge) => {
    expect(parse({ app_badge: badge, notification: { title: 'A' } }).appBadge).toBeNull();
  });
});

test('a flat message is shown in the same way', () => {
  const message = { title: 'A', body: 'B', url: '/x', icon: '/i.png', tag: 't', belfry };
  expect(parse(message)).toEqual({
    title: 'A',
    options: { body: 'B', icon: '/i.png', tag: 't', data: { belfry, data: null, urls: { '': '/x' } } },
    appBadge: null,
  });
});

test('a message without a notification is shown as the default one, its envelope in the data', () => {
  expect(parse({ type: belfry.type, payload: belfry.payload, belfry })).toEqual(shownDefault(belfry));
});

test('a message without a notification and of an unknown version is shown as the default one', () => {
  expect(parse({ type: 'x', belfry: { ...belfry, v: 2 } })).toEqual(shownDefault());
});

test.each([null, '', ' \n', '{}', '{"notification":{}}', '{"title":"","body":""}'])(
  'the push %j is shown as the default notification',
  (text) => {
    expect(parseText(text)).toEqual(shownDefault());
  },
);

test.each(['Hello', '{"title":', '42', '"Hello"', '[1]', 'null'])(
  'the text %s, which is no JSON object, is shown as the body',
  (text) => {
    expect(parseText(text)).toEqual({
      title: 'News',
      options: { body: text, data: { belfry: null, data: null, urls: {} } },
      appBadge: null,
    });
  },
);

test('a button may be called __proto__', () => {
  const { options } = declare({ title: 'A', actions: [{ action: '__proto__', title: 'B', navigate: '/b' }] });
  expect(Object.entries(structuredClone(options.data.urls))).toEqual([['__proto__', '/b']]);
});

describe('whatever arrives, there is something to show that showNotification accepts', () => {
  const names =
    'title body navigate url lang dir tag icon silent renotify vibrate actions timestamp data belfry notification';
  const member = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(true, 'ltr', 'tag', [200], { action: 'a', title: 'A' }, [{ action: 'a', title: 'A' }]),
  );
  const members = fc.dictionary(fc.constantFrom(...names.split(' ')), member);

  test.each([
    ['string', fc.string({ unit: 'binary' })],
    ['bytes', fc.uint8Array().map((bytes) => new TextDecoder().decode(bytes))],
    ['JSON', fc.json()],
    ['flat message', members.map((flat) => JSON.stringify(flat))],
    ['declared notification', members.map((notification) => JSON.stringify({ notification }))],
  ])('for any %s', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        const { title, options } = parsePush(text, fallback);
        expect(title.trim()).not.toBe('');
        // The rules of "create a notification", and of the conversion to NotificationOptions.
        expect(options.silent === true && options.vibrate !== undefined).toBe(false);
        expect(options.renotify === true && options.tag === undefined).toBe(false);
        expect([undefined, 'ltr', 'rtl', 'auto']).toContain(options.dir);
        expect(options.actions ?? []).not.toContainEqual(expect.objectContaining({ title: undefined }));
        expect(options.vibrate?.every((ms) => typeof ms === 'number')).not.toBe(false);
        structuredClone(options);
      }),
    );
  });
});
