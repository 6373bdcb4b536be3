import type { DeliveryDevice } from '@belfry/store';
import { expect, test } from 'vitest';
import { PAGE_DEVICES } from '../limits.ts';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import { chunkOfTest, deviceOf } from './chunk.test-data.ts';
import { OriginLoad } from './origin-load.ts';
import type { PageReport } from './send-page.ts';

interface Page {
  readonly users: readonly number[];
  /** Their devices have to be tried again. */
  readonly failing?: readonly number[];
  /** The page does not wait for their devices. */
  readonly late?: readonly number[];
}

function start({ isProven }: { readonly isProven: boolean }) {
  const clock = new FakeClock();
  const hasAccepted = ({ userId }: DeliveryDevice): boolean => isProven && userId < MADE_UP;
  const load = new OriginLoad({ clock, isProven: () => true, hasAccepted }).begin(chunkOfTest);
  /** Sends a page of a device of each of these users. Returns how long the push service is left alone after it. */
  function page({ users, failing = [], late = [] }: Page): number {
    const devices = users.map(deviceOf);
    const report: PageReport = {
      counts: {},
      results: [],
      stragglers: devices
        .filter(({ userId }) => late.includes(userId))
        .map((one) => ({ device: one, ended: Promise.reject(new Error('it never ends')) })),
      isUntouched: false,
      retrying: devices.filter(({ userId }) => failing.includes(userId)),
      heldUntil: 0,
    };
    for (const { ended } of report.stragglers) ended.catch(() => {});
    const until = load.heldAfter(devices, report);
    if (until === 0) return 0;
    const heldMs = until - clock.now();
    clock.advance(heldMs);
    return heldMs;
  }
  const allFail = (users: readonly number[]): number => page({ users, failing: users });
  return { load, page, allFail };
}

/** The devices of users from this one on have never accepted a message. */
const MADE_UP = 10_000;
const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from + n);

test('the devices of one user, be it a whole page, never stop a broadcast', () => {
  const { load, page, allFail } = start({ isProven: true });
  expect(allFail(Array(PAGE_DEVICES).fill(1))).toBe(0);
  expect(page({ users: [...Array<number>(150).fill(1), ...range(100, 50)], failing: [1] })).toBe(0);
  expect(load.pageSize).toBe(PAGE_DEVICES);
});

test('a page of which most users fail stops it, and each further user that finds out so for twice as long', () => {
  const { load, allFail } = start({ isProven: true });
  expect(allFail(range(1, 200))).toBe(5_000);
  expect([201, 202, 203].map((user) => allFail([user]))).toEqual([10_000, 20_000, 40_000]);
  expect(load.pageSize).toBe(1);
});

test('once it is up again, the devices of one user that fail keep it waiting once, however many they are', () => {
  const { load, page, allFail } = start({ isProven: true });
  expect(allFail(range(1, 200))).toBe(5_000);
  expect(allFail([500])).toBe(10_000);
  for (let n = 0; n < 50; n += 1) expect(allFail([500])).toBe(0);
  expect(load.pageSize).toBe(1);
  for (const size of [1, 10, 100]) page({ users: range(600, size) });
  expect(load.pageSize).toBe(PAGE_DEVICES);
});

test('three users stop a broadcast where their devices have accepted messages before, and else sixteen', () => {
  const users = start({ isProven: true });
  expect([users.allFail(range(1, 2)), users.allFail(range(1, 3))]).toEqual([0, 5_000]);
  const strangers = start({ isProven: false });
  expect([strangers.allFail(range(1, 15)), strangers.allFail(range(1, 16))]).toEqual([0, 5_000]);
});

test.each(['failing', 'late'] as const)(
  'probes of which only made-up devices are %s decide nothing until there are sixteen users',
  (how) => {
    const { load, page, allFail } = start({ isProven: true });
    expect(allFail(range(1, 200))).toBe(5_000);
    for (const user of range(MADE_UP, 15)) {
      // Several devices of one user count once.
      expect(page({ users: [user], [how]: [user] })).toBe(0);
      expect(page({ users: [user], [how]: [user] })).toBe(0);
      expect(load.pageSize).toBe(1);
    }
    expect(page({ users: [MADE_UP + 15], [how]: [MADE_UP + 15] })).toBe(10_000);
    // The same ones do not count again.
    for (const user of range(MADE_UP, 16)) expect(page({ users: [user], [how]: [user] })).toBe(0);
    page({ users: [300] });
    expect(load.pageSize).toBe(10);
  },
);

test('a device that accepts a message ends the count of the made-up ones', () => {
  const { load, page, allFail } = start({ isProven: true });
  allFail(range(1, 200));
  for (const user of range(MADE_UP, 15)) expect(allFail([user])).toBe(0);
  page({ users: [300] });
  for (const user of range(MADE_UP + 100, 15)) expect(allFail([user])).toBe(0);
  expect(load.pageSize).toBe(10);
});

test('a probe waits for devices that have accepted messages before, and for no others', () => {
  const { load, allFail } = start({ isProven: true });
  allFail(range(1, 200));
  expect(load.leave([deviceOf(300)], 1)).toBe(false);
  expect(load.leave([deviceOf(MADE_UP)], 1)).toBe(true);
  // It responds late, but it shows that the push service works.
  load.returned(deviceOf(MADE_UP), { isAccepted: true });
  expect(load.pageSize).toBe(10);
});

test('a page without devices decides nothing', () => {
  const { load, page, allFail } = start({ isProven: true });
  allFail(range(1, 200));
  expect(page({ users: [] })).toBe(0);
  expect(load.pageSize).toBe(1);
});
