import v8 from 'node:v8';
import vm from 'node:vm';
import { expect, test } from 'vitest';
import { createRecentKeys } from './recent-keys.ts';

v8.setFlagsFromString('--expose-gc');
const collectGarbage: unknown = vm.runInNewContext('gc');

const [ada, mallory] = ['ada', 'mallory'];

test('the newest half of the keys is known, and the oldest are forgotten', () => {
  const keys = createRecentKeys({ maxKeys: 100, maxPerOwner: 8 });
  for (let i = 0; i < 1000; i++) keys.add(`key ${i}`, `user ${i}`);
  const known = Array.from({ length: 1000 }, (_, i) => i).filter((i) => keys.ownerOf(`key ${i}`) !== undefined);
  expect(known).toEqual(Array.from({ length: known.length }, (_, i) => 1000 - known.length + i));
  expect(known.length).toBeGreaterThanOrEqual(50);
  expect(known.length).toBeLessThanOrEqual(100);
});

test('a key that is added again and again stays', () => {
  const keys = createRecentKeys({ maxKeys: 100, maxPerOwner: 8 });
  for (let i = 0; i < 1000; i++) {
    if (i % 10 === 0) keys.add('key of ada', ada);
    keys.add(`key ${i}`, `user ${i}`);
    expect(keys.ownerOf('key of ada')).toBe(ada);
  }
  keys.delete('key of ada');
  expect(keys.ownerOf('key of ada')).toBeUndefined();
});

test('a user who adds more keys than there are places for loses the oldest of their own, and nobody else loses any', () => {
  const keys = createRecentKeys({ maxKeys: 100, maxPerOwner: 8 });
  for (let i = 0; i < 30; i++) keys.add(`key ${i}`, `user ${i}`);
  for (let i = 0; i < 1000; i++) keys.add(`made up ${i}`, mallory);
  for (let i = 0; i < 30; i++) expect(keys.ownerOf(`key ${i}`)).toBe(`user ${i}`);
  const known = Array.from({ length: 1000 }, (_, i) => i).filter((i) => keys.ownerOf(`made up ${i}`) === mallory);
  expect(known).toEqual([992, 993, 994, 995, 996, 997, 998, 999]);
});

test('keys of a user keep their places when the set forgets those that were added longest ago', () => {
  const keys = createRecentKeys({ maxKeys: 100, maxPerOwner: 8 });
  for (let i = 0; i < 6; i++) keys.add(`old ${i}`, ada);
  for (let i = 0; i < 46; i++) keys.add(`key ${i}`, `user ${i}`);
  for (let i = 0; i < 4; i++) keys.add(`new ${i}`, ada);
  const known = ['old 0', 'old 1', 'old 2', 'old 5', 'new 0', 'new 3'].filter((key) => keys.ownerOf(key) === ada);
  expect(known).toEqual(['old 2', 'old 5', 'new 0', 'new 3']);
});

test('a key that another user has added since is not forgotten with the keys of the first', () => {
  const keys = createRecentKeys({ maxKeys: 100, maxPerOwner: 2 });
  keys.add('shared', mallory);
  keys.add('shared', ada);
  for (let i = 0; i < 3; i++) keys.add(`made up ${i}`, mallory);
  expect(keys.ownerOf('shared')).toBe(ada);
});

test('nothing is kept of users whose keys were deleted', () => {
  const keys = createRecentKeys({ maxKeys: 100, maxPerOwner: 8 });
  const heapBytes = (): number => {
    if (typeof collectGarbage === 'function') collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = heapBytes();
  for (let i = 0; i < 200_000; i++) {
    keys.add(`key ${i}`, `user ${i}`);
    keys.delete(`key ${i}`);
  }
  expect(heapBytes() - before).toBeLessThan(10e6);
  expect(keys.ownerOf('key 0')).toBeUndefined();
});

test('a key that goes from user to user is kept of the last alone', () => {
  const keys = createRecentKeys({ maxKeys: 100, maxPerOwner: 1 });
  keys.add('own', ada);
  keys.add('shared', mallory);
  keys.add('shared', 'bob');
  keys.add('own of mallory', mallory);
  expect(['own', 'shared', 'own of mallory'].map((key) => keys.ownerOf(key))).toEqual([ada, 'bob', mallory]);
});
