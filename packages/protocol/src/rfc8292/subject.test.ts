import { expect, test } from 'vitest';
import { parseSubject } from './subject.ts';

test.each([
  'mailto:ops@example.com',
  'https://example.com/contact',
  'mailto:ops@localhost.example.com',
  'mailto:a@b.example?subject=push',
])('%s is a subject', (text) => {
  expect(parseSubject(text).ok).toBe(true);
});

test.each([
  '',
  'ops@example.com',
  'mailto:',
  'mailto: <ops@example.com>',
  'mailto:ops@localhost',
  'https://localhost/contact',
  'https://app.localhost',
  'mailto:ops@localhost.',
  'mailto:ops@localhost?subject=push',
  'mailto:ops@relay.local',
  'https://printer.LOCAL/',
  'mailto:ops@belfry.invalid',
  'mailto:ops @example.com',
  'http://example.com',
  'https://example.com/a b',
])('"%s" is refused, as Apple would refuse its token', (text) => {
  expect(parseSubject(text)).toEqual({ ok: false, error: 'invalid-subject' });
});
