import { expect, test } from 'vitest';
import { parseSubject } from './subject.ts';

test.each(['mailto:ops@example.com', 'https://example.com/contact'])('%s is a subject', (text) => {
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
  'http://example.com',
  'https://example.com/a b',
])('"%s" is refused, as Apple would refuse its token', (text) => {
  expect(parseSubject(text)).toEqual({ ok: false, error: 'invalid-subject' });
});
