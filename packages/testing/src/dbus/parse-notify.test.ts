import { expect, test } from 'vitest';
import { parseNotify } from './parse-notify.ts';

const hints = {
  'x-kde-origin-name': { signature: 's', value: 'localhost:8787' },
  urgency: { signature: 'y', value: 1 },
};

test("the page's own buttons are told apart from the click itself and from Chromium's settings", () => {
  const actions = ['1', 'Approve', '2', 'settings', 'default', 'Activate', 'settings', 'Settings'];
  expect(parseNotify(['Chromium', 4, 'file:///logo.png', 'Title', 'Body', actions, hints, 25_000])).toEqual({
    replacesId: 4,
    title: 'Title',
    body: 'Body',
    origin: 'localhost:8787',
    buttons: [
      { key: '1', label: 'Approve' },
      { key: '2', label: 'settings' },
    ],
  });
});

test.each([
  ['no list', 'text'],
  ['an empty one', []],
  ['an id that is none', ['Chromium', '4', '', 'Title', 'Body', [], {}, 0]],
  ['actions that are none', ['Chromium', 0, '', 'Title', 'Body', [1], {}, 0]],
])('%s is no call of Notify', (_, body) => {
  expect(parseNotify(body)).toBeUndefined();
});
