import { expect, describe, test } from 'vitest';
import type { FullMessage } from './message.ts';
import { type WireContent, wireMessage } from './wire-message.ts';

const TOKEN = 'abcdefghij012345';
const ids = { id: 'm1', binding: 'b1', token: TOKEN, seq: 7 };
const envelope = { v: 1, ...ids };

interface Case extends Partial<WireContent['options']> {
  readonly isApple?: boolean;
  readonly isSampled?: boolean;
  readonly defaultNotification?: { readonly title: string; readonly url?: string };
}

function wire(
  message: FullMessage,
  { isApple = false, isSampled = false, defaultNotification = { title: 'News' }, ...options }: Case = {},
) {
  const place = { ids, pageOrigin: 'https://app.example.com', isApple, isSampled, defaultNotification };
  return JSON.parse(wireMessage({ message, options }, place));
}

describe('on devices of Apple a click says what was clicked:', () => {
  /** As the page's SDK reads it. */
  const MARK = /[#&]belfry=([\w-]+)\.[\w-]{16}\.([^&]*)$/;

  test.each([
    ['a path', '/a', '/a#belfry=m1.abcdefghij012345.'],
    ['no url', undefined, '/#belfry=m1.abcdefghij012345.'],
    ['a query', '/a?b=1&c', '/a?b=1&c#belfry=m1.abcdefghij012345.'],
    ['a fragment', '/a?b#c', '/a?b#c&belfry=m1.abcdefghij012345.'],
    ['an empty fragment', '/a#', '/a#&belfry=m1.abcdefghij012345.'],
    ['a route in the fragment', '#/a?b=1', '/#/a?b=1&belfry=m1.abcdefghij012345.'],
    ['a query with our name', '/a?belfry=x.y', '/a?belfry=x.y#belfry=m1.abcdefghij012345.'],
  ])('%s', (_what, url, marked) => {
    const { navigate } = wire({ notification: { title: 'x', url } }, { isApple: true }).notification;
    expect(navigate).toBe(`https://app.example.com${marked}`);
    expect(MARK.exec(navigate)?.slice(1)).toEqual(['m1', '']);
    expect(navigate.replace(MARK, '')).toBe(new URL(url ?? '/', 'https://app.example.com').href);
  });

  test.each([
    ['undo', 'undo'],
    ['a&b=c', 'a%26b%3Dc'],
    ['50 % #1', '50%20%25%20%231'],
    ['löschen', 'l%C3%B6schen'],
    ['', ''],
  ])('the button "%s"', (action, marked) => {
    const actions = [
      { action, title: 'x', url: '/undo#now' },
      { action, title: 'y' },
    ];
    const { notification } = wire({ notification: { title: 'x', url: '/a', actions } }, { isApple: true });
    const [own, its] = notification.actions.map(({ navigate }: { navigate: string }) => navigate);
    expect(own).toBe(`https://app.example.com/undo#now&belfry=m1.${TOKEN}.${marked}`);
    expect(its).toBe(`https://app.example.com/a#belfry=m1.${TOKEN}.${marked}`);
    expect(decodeURIComponent(MARK.exec(own)?.[2] ?? 'none')).toBe(action);
  });

  test('a button named by half a character', () => {
    const actions = [{ action: '\ud83d', title: 'x' }];
    const { notification } = wire({ notification: { title: 'x', actions } }, { isApple: true });
    expect(notification.actions[0].navigate).toMatch(/belfry=m1\.abcdefghij012345\.%EF%BF%BD$/v);
  });

  test('elsewhere the worker hears of it, and urls are as they were', () => {
    const actions = [{ action: 'undo', title: 'Undo', url: '/undo' }];
    expect(wire({ notification: { title: 'x', url: '/a#b', actions } }).notification).toMatchObject({
      navigate: 'https://app.example.com/a#b',
      actions: [{ action: 'undo', title: 'Undo', navigate: 'https://app.example.com/undo' }],
    });
  });
});

describe('a message without a notification', () => {
  const message = { type: 'cache.stale', payload: [1], category: 'c', badgeCount: 2 };

  test('is declared to devices of Apple, by the default', () => {
    const defaultNotification = { title: 'News', body: 'There is some.', url: '/news', icon: '/i.png' };
    expect(wire(message, { isApple: true, defaultNotification })).toEqual({
      web_push: 8030,
      mutable: true,
      app_badge: 2,
      notification: {
        title: 'News',
        body: 'There is some.',
        tag: 'belfry:default',
        navigate: 'https://app.example.com/news#belfry=m1.abcdefghij012345.',
        icon: 'https://app.example.com/i.png',
        app_badge: 2,
        data: { belfry: { ...envelope, category: 'c', type: 'cache.stale', payload: [1] } },
      },
    });
  });

  test('is sent as it is to all others', () => {
    expect(wire(message)).toEqual({
      type: 'cache.stale',
      payload: [1],
      app_badge: 2,
      belfry: { ...envelope, category: 'c' },
    });
  });
});

test.each<[string, Case, object]>([
  ['by default', {}, {}],
  ['of a page of many', { isSampled: true }, { receipts: 0.05 }],
  ['shown over an open page', { foreground: 'notification' }, { foreground: 'notification' }],
  ['for both', { foreground: 'both', isSampled: true }, { foreground: 'both', receipts: 0.05 }],
])('the envelope of a message %s', (_what, options, fields) => {
  expect(wire({ notification: { title: 'x' } }, options).notification.data.belfry).toEqual({ ...envelope, ...fields });
  expect(wire({ type: 'x' }, options).belfry).toEqual({ ...envelope, ...fields });
});
