import { describe, expect, test } from 'vitest';
import { parseTarget, type Target } from './target.ts';

const longest = 'u'.repeat(256);
const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `user-${i}`);

describe('a target', () => {
  test.each<[Target, unknown]>([
    ['ada', { kind: 'users', userIds: ['ada'] }],
    [{ user: longest }, { kind: 'users', userIds: [longest] }],
    [{ users: ['ada', 'bob', 'ada'] }, { kind: 'users', userIds: ['ada', 'bob'] }],
    [{ device: 'd-1' }, { kind: 'device', publicId: 'd-1' }],
    [{ topic: 'news' }, { kind: 'condition', condition: { kind: 'topic', topic: 'news' } }],
    [{ condition: `'news' in topics` }, { kind: 'condition', condition: { kind: 'topic', topic: 'news' } }],
    [{ all: true }, { kind: 'all' }],
  ])('%j', (target, audience) => {
    expect(parseTarget(target)).toEqual(audience);
  });

  test('may have fields that are undefined, and a thousand user ids, some of them twice', () => {
    expect(parseTarget({ user: 'ada', topic: undefined })).toEqual({ kind: 'users', userIds: ['ada'] });
    const users = numbered(500);
    expect(parseTarget({ users: [...users, ...users] })).toEqual({ kind: 'users', userIds: users });
  });
});

describe('a target is refused, and the message says what is expected:', () => {
  test.each<[string, unknown, string]>([
    ['none', undefined, 'one of user, users, device'],
    ['null', null, 'one of user, users, device'],
    ['a number', 42, 'one of user, users, device'],
    ['an array', ['ada', 'bob'], 'one of user, users, device'],
    ['an empty object', {}, 'one of user, users, device'],
    ['a misspelt field', { usr: 'ada' }, 'one of user, users, device'],
    ['what every object has', { toString: 'ada' }, 'one of user, users, device'],
    ['two at once', { user: 'ada', all: true }, 'one of user, users, device'],
    ['an empty user id', '', '1 to 256 characters'],
    ['a user id that is too long', { user: `${longest}u` }, '1 to 256 characters'],
    ['a user id that is a number', { user: 42 }, '1 to 256 characters'],
    ['no users', { users: [] }, '1 to 1000 user ids'],
    ['a user among users that is none', { users: ['ada', null] }, '1 to 256 characters'],
    ['more users than 1000', { users: numbered(1001) }, '1 to 1000 user ids'],
    ['more ids than 1000, some of them twice', { users: [...numbered(1000), 'user-0'] }, '1 to 1000 user ids'],
    ['users as text', { users: 'ada,bob' }, 'an array'],
    ['an empty device id', { device: '' }, 'device id of 1 to 256 characters'],
    ['a device id that is too long', { device: `${longest}u` }, 'device id of 1 to 256 characters'],
    ['a device id with a NUL', { device: 'd\0' }, 'device id of 1 to 256 characters'],
    ['a topic with a space', { topic: 'big news' }, 'letters, digits and -_.~%'],
    ['an empty topic', { topic: '' }, 'letters, digits and -_.~%'],
    ['a topic that is no text', { topic: ['news'] }, 'letters, digits and -_.~%'],
    ['a condition that is no text', { condition: true }, 'condition: must be a string'],
    ['all, but false', { all: false }, 'all: must be true'],
  ])('%s', (_what, target, rule) => {
    expect(() => parseTarget(target)).toThrow(
      expect.objectContaining({ id: 'invalid-target', status: 400, message: expect.stringContaining(rule) }),
    );
  });

  test('a condition that does not parse, with its column', () => {
    expect(() => parseTarget({ condition: "'a' in topics || b" })).toThrow(
      expect.objectContaining({
        id: 'invalid-condition',
        status: 400,
        message: 'The condition is wrong at column 18: expected a topic in quotes, ! or (',
      }),
    );
  });
});
