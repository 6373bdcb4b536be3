import { branded } from '@belfry/protocol';
import { type DeliveryDevice, receiptToken, type StoredMessage } from '@belfry/store';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FullMessage } from './message.ts';
import { type MessageContent, writeContent } from './message-content.ts';
import { prepareMessage } from './prepared-message.ts';
import { wireMessage } from './wire-message.ts';

const ORIGINS = ['https://app.example.com', 'https://other.example.com'] as const;
const SETTINGS = { origins: ORIGINS, defaultNotification: { title: 'News', url: '/news#top' } };
const APPLE = 'https://web.push.apple.com/abc';
const OTHERS = 'https://updates.push.services.mozilla.com/wpush/v2/abc';

const RECEIPT_KEY = new Uint8Array(16).fill(7);

const stored = (content: string, receiptKey: Uint8Array | null = RECEIPT_KEY): StoredMessage => ({
  id: branded('message-id'),
  seq: branded(7),
  content,
  receiptKey,
});

function prepare(message: FullMessage, options: Partial<MessageContent['options']> = {}, isSampled = false) {
  const content = writeContent({ message, options: { ttl: branded(60), ...options } });
  return prepareMessage(stored(content), SETTINGS, { isSampled });
}

type Device = Pick<DeliveryDevice, 'binding' | 'pageOrigin' | 'endpoint'>;

function aDevice(device: { binding?: string; pageOrigin?: string; endpoint?: string } = {}): Device {
  const { binding = 'b', pageOrigin = ORIGINS[1], endpoint = OTHERS } = device;
  return { binding: branded(binding), pageOrigin, endpoint: branded(endpoint) };
}

const messages: readonly (readonly [string, FullMessage])[] = [
  ['a notification', { notification: { title: 'Hello', url: '/a', data: { binding: 'mine' } } }],
  ['data alone, with a field of the same name', { type: 'x', payload: { binding: 'mine', belfry: { binding: 'b' } } }],
  [
    'a text that looks like the place',
    { notification: { title: '"binding":"message-i"', body: '\\"binding\\":\\"b\\"' } },
  ],
  [
    'a notification with buttons',
    {
      badgeCount: 1,
      notification: { title: 'x', url: '/?a=1#b', actions: [{ action: 'binding', title: '"binding":"message-id"' }] },
    },
  ],
];

test.each(messages)('%s has for each device what it would have alone', (_what, message) => {
  const devices = fc.record({
    binding: fc.string({ unit: 'binary' }),
    pageOrigin: fc.constantFrom(...ORIGINS),
    endpoint: fc.constantFrom(APPLE, OTHERS),
  });
  const options = fc.record({
    foreground: fc.constantFrom(undefined, 'notification' as const, 'both' as const),
  });
  fc.assert(
    fc.property(options, fc.boolean(), fc.array(devices), (of, isSampled, some) => {
      const prepared = prepare(message, of, isSampled);
      for (const { binding, pageOrigin, endpoint } of some) {
        const token = receiptToken(RECEIPT_KEY, branded(binding));
        const ids = { id: 'message-id', binding, token, seq: 7 };
        const place = {
          ids,
          pageOrigin,
          isApple: endpoint === APPLE,
          isSampled,
          defaultNotification: SETTINGS.defaultNotification,
        };
        const alone = wireMessage({ message, options: of }, place);
        expect(prepared.plaintextFor(aDevice({ binding, pageOrigin, endpoint })).toString()).toBe(alone);
      }
    }),
  );
});

test('a device whose pages are served no more has urls of those that are', () => {
  const prepared = prepare({ notification: { title: 'Hello', url: '/a' } });
  const gone = prepared.plaintextFor(aDevice({ pageOrigin: 'https://old.example.com' }));
  expect(JSON.parse(gone.toString())).toMatchObject({ notification: { navigate: 'https://app.example.com/a' } });
});

test('a message that was stored by a version of before is sent as one of today without options', () => {
  const content = '{"message":{"type":"x"},"options":{"ttl":60}}';
  const text = prepareMessage(stored(content, null), SETTINGS).plaintextFor(aDevice()).toString();
  expect(JSON.parse(text)).toEqual({ type: 'x', belfry: { v: 1, id: 'message-id', binding: 'b', seq: 7 } });
});

test('a row that somebody damaged fails where it is sent, and says nothing of what it holds', () => {
  const prepared = prepareMessage(stored('{"message":{"notification":{"title":"Dear A'), SETTINGS);
  expect(() => prepared.plaintextFor(aDevice())).toThrow(/^The message in the store is not one$/v);
});
