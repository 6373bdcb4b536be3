import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import theirs from 'web-push';
import { WebPushError } from './index.ts';

const ARGUMENTS = [
  'Received unexpected response code',
  410,
  { 'retry-after': '5' },
  'gone',
  'https://push.example.net/secret',
] as const;

test('it has what web-push’s has', () => {
  const [ours, expected] = [new WebPushError(...ARGUMENTS), new theirs.WebPushError(...ARGUMENTS)];
  for (const name of ['name', 'message', 'statusCode', 'headers', 'body', 'endpoint'] as const) {
    expect(ours[name]).toEqual(expected[name]);
  }
  expect(ours).toBeInstanceOf(Error);
  expect(ours.stack).toContain('web-push-error.test');
});

test('a logged one does not show the endpoint, and all else as web-push’s does', () => {
  const ours = new WebPushError(...ARGUMENTS);
  expect(inspect(ours) + JSON.stringify(ours)).not.toContain('secret');
  const { endpoint: _secret, ...shown } = Object.fromEntries(Object.entries(new theirs.WebPushError(...ARGUMENTS)));
  expect(Object.fromEntries(Object.entries(ours))).toEqual(shown);
});
