import { expect, test } from 'vitest';
import { isNestedTooDeep } from './is-nested-too-deep.ts';

const isTooDeep = (json: string): boolean => isNestedTooDeep(Buffer.from(json));
const nested = (depth: number): string => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;

test('a hundred levels may be nested, and no more', () => {
  expect(isTooDeep(nested(100))).toBe(false);
  expect(isTooDeep(nested(102))).toBe(true);
  expect(isTooDeep('['.repeat(190_000))).toBe(true);
  expect(isTooDeep(`[${'[],{},'.repeat(1000)}1]`)).toBe(false);
});

test('brackets in strings do not count', () => {
  expect(isTooDeep(JSON.stringify({ title: '['.repeat(200), body: `\\"${'{'.repeat(200)}"\\`, more: '\\' }))).toBe(
    false,
  );
  expect(isTooDeep(`"\\"${'['.repeat(200)}`)).toBe(false);
});
