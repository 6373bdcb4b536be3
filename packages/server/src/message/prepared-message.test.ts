import { branded } from '@belfry/protocol';
import type { StoredMessage } from '@belfry/store';
import { expect, test } from 'vitest';
import { writeContent } from './message-content.ts';
import { prepareMessage } from './prepared-message.ts';
import { wireMessage } from './wire-message.ts';

const ORIGINS = ['https://app.example.com', 'https://other.example.com'] as const;
const stored = (content: string): StoredMessage => ({ id: branded('message-id'), seq: branded(7), content });
const device = { binding: branded<string, 'Binding'>('b'), pageOrigin: 'https://other.example.com' };

test.each([
  ['a notification', { notification: { title: 'Hello', url: '/a', data: { binding: 'mine' } } }],
  ['data alone, with a field of the same name', { type: 'x', payload: { binding: 'mine', belfry: { binding: 'b' } } }],
  [
    'a text that looks like the place',
    { notification: { title: '"binding":"message-i"', body: '\\"binding\\":\\"b\\"' } },
  ],
])('%s has for each device what it would have alone', (_what, message) => {
  const prepared = prepareMessage(stored(writeContent({ message, options: { ttl: branded(60) } })), ORIGINS);
  for (const binding of ['one', 'another "quoted"']) {
    const ids = { id: 'message-id', binding, seq: 7 };
    expect(prepared.plaintextFor({ ...device, binding: branded(binding) }).toString()).toBe(
      wireMessage(message, { ids, pageOrigin: 'https://other.example.com' }),
    );
  }
});

test('a device whose pages are served no more has urls of those that are', () => {
  const message = { notification: { title: 'Hello', url: '/a' } };
  const prepared = prepareMessage(stored(writeContent({ message, options: { ttl: branded(60) } })), ORIGINS);
  const gone = prepared.plaintextFor({ ...device, pageOrigin: 'https://old.example.com' });
  expect(JSON.parse(gone.toString())).toMatchObject({ notification: { navigate: 'https://app.example.com/a' } });
});

test('a row that somebody damaged fails where it is sent, and says nothing of what it holds', () => {
  const prepared = prepareMessage(stored('{"message":{"notification":{"title":"Dear A'), ORIGINS);
  expect(() => prepared.plaintextFor(device)).toThrow(/^The message in the store is not one$/v);
});
