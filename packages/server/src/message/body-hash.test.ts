import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bodyHash, type HashedBody } from './body-hash.ts';

const hex = (body: Partial<HashedBody>) =>
  Buffer.from(bodyHash({ target: 'ada', message: { title: 'x' }, options: undefined, ...body })).toString('hex');

describe('the hash of a request', () => {
  test('is the SHA-256 of its JSON, fields in alphabetical order', () => {
    // printf '{"message":{"badgeCount":1,"title":"x"},"options":{"ttl":5},"target":"ada"}' | sha256sum
    expect(hex({ message: { title: 'x', badgeCount: 1 }, options: { ttl: 5, idempotencyKey: 'k' } })).toBe(
      'd68f5c6be2d2b17b2e4436222484d89ef769bc4048e66c43278254360ab4145c',
    );
  });

  test.each<[string, Partial<HashedBody>, Partial<HashedBody>]>([
    ['the order of fields', { options: { ttl: 1, urgency: 'low' } }, { options: { urgency: 'low', ttl: 1 } }],
    [
      'the order of fields within',
      { message: { type: 't', payload: [{ a: 1, b: { c: 2, d: 3 } }] } },
      { message: { payload: [{ b: { d: 3, c: 2 }, a: 1 }], type: 't' } },
    ],
    ['fields that are undefined', { message: { title: 'x', body: undefined } }, { message: { title: 'x' } }],
    ['the idempotency key', { options: { idempotencyKey: 'a' } }, { options: { idempotencyKey: 'b' } }],
    ['options that are none', { options: { idempotencyKey: 'a' } }, {}],
    ['a Date or its JSON', { options: { at: new Date(0) } }, { options: { at: '1970-01-01T00:00:00.000Z' } }],
  ])('is the same whatever %s', (_what, one, other) => {
    expect(hex(one)).toBe(hex(other));
  });

  test.each<[string, Partial<HashedBody>, Partial<HashedBody>]>([
    ['target', { target: 'ada' }, { target: { user: 'bob' } }],
    ['title', { message: { title: 'x' } }, { message: { title: 'y' } }],
    ['option', { options: { ttl: 1 } }, { options: { ttl: 2 } }],
    ['type of a value', { message: { payload: 1 } }, { message: { payload: '1' } }],
    ['place of a value', { message: { payload: [1, 2] } }, { message: { payload: [2, 1] } }],
    ['field named __proto__', { message: JSON.parse('{"payload":{"__proto__":1}}') }, { message: { payload: {} } }],
    [
      'idempotencyKey of the payload',
      { message: { payload: { idempotencyKey: 1 } } },
      { message: { payload: { idempotencyKey: 2 } } },
    ],
  ])('is another one with another %s', (_what, one, other) => {
    expect(hex(one)).not.toBe(hex(other));
  });

  test('is the same for any JSON with all of its fields the other way round', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (payload) => {
        expect(hex({ message: { type: 't', payload: reversed(payload) } })).toBe(
          hex({ message: { payload, type: 't' } }),
        );
      }),
    );
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, field]) => [key, reversed(field)]),
  );
}
