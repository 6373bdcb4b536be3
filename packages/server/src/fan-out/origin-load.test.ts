import { branded } from '@belfry/protocol';
import type { ChunkLease } from '@belfry/store';
import { expect, test } from 'vitest';
import { PAGE_DEVICES } from '../limits.ts';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import { OriginLoad } from './origin-load.ts';
import type { PageReport } from './send-page.ts';

const chunk: ChunkLease = {
  id: branded(1),
  token: 1,
  message: { id: branded('message'), seq: branded(1), content: '{}', receiptKey: null },
  origin: branded('https://push.example.net'),
  cursor: branded(0),
  expiresAt: Number.MAX_SAFE_INTEGER,
  devicesPerSecond: null,
};

function start() {
  const clock = new FakeClock();
  const load = new OriginLoad({ clock: clock, isProven: () => true }).begin(chunk);
  /** A page of the devices of these users, of which those of the failing ones have to be tried again; how long it is left alone. */
  function page(users: readonly number[], failing: ReadonlySet<number>): number {
    const retrying = users.filter((user) => failing.has(user));
    const report: PageReport = {
      counts: {},
      results: [],
      stragglers: [],
      isUntouched: false,
      retrying: retrying.length,
      retryingUsers: new Set(retrying),
      users: new Set(users).size,
      heldUntil: 0,
    };
    const until = load.heldAfter(report, users.length);
    if (until === 0) return 0;
    const heldMs = until - clock.now();
    clock.advance(heldMs);
    return heldMs;
  }
  return { load, page };
}

const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from + n);

test('the devices of one user, be it a whole page, never stop a broadcast', () => {
  const { load, page } = start();
  expect(page(Array(PAGE_DEVICES).fill(1), new Set([1]))).toBe(0);
  expect(page([...Array<number>(150).fill(1), ...range(100, 50)], new Set([1]))).toBe(0);
  expect(load.pageSize).toBe(PAGE_DEVICES);
});

test('a page of which most users fail stops it, and each further user that finds out so for twice as long', () => {
  const { load, page } = start();
  const all = new Set(range(1, 1000));
  expect(page(range(1, 200), all)).toBe(5_000);
  expect([201, 202, 203].map((user) => page([user], all))).toEqual([10_000, 20_000, 40_000]);
  expect(load.pageSize).toBe(1);
});

test('once it is up again, the devices of one user that fail keep it from whole pages for one wait, however many they are', () => {
  const { load, page } = start();
  const failing = new Set(range(1, 200));
  expect(page(range(1, 200), failing)).toBe(5_000);
  failing.clear();
  failing.add(500);
  expect(page([500], failing)).toBe(10_000);
  expect(page([500], failing)).toBe(0);
  expect(page(Array(10).fill(500), failing)).toBe(0);
  expect(page(Array(100).fill(500), failing)).toBe(0);
  expect(load.pageSize).toBe(PAGE_DEVICES);
});
