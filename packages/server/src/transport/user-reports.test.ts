import { expect, test } from 'vitest';
import { range } from './tls-server.test-data.ts';
import { type UserReport, UserReports } from './user-reports.ts';

const proven = (report: UserReport) => ({ report, isProven: true });
const unproven = (report: UserReport) => ({ report, isProven: false });

test('three users with proven devices agree, and so do sixteen with unproven ones', () => {
  const reports = new UserReports();
  expect([1, 2, 1, 2, 3].map((userId) => reports.add(userId, proven('failed')))).toEqual([
    false,
    false,
    false,
    false,
    true,
  ]);
  const agreed = [...range(15), ...range(16)].map((n) => reports.add(100 + n, unproven('overloaded')));
  expect(agreed).toEqual([...range(30).map(() => false), true]);
});

test('many unproven devices do not hide what proven ones report, and do not speak with their voice', () => {
  const reports = new UserReports();
  for (const userId of [1, 2]) reports.add(userId, proven('failed'));
  for (const n of range(100)) reports.add(100 + n, unproven('answered'));
  expect(reports.add(3, proven('failed'))).toBe(true);
  expect(reports.add(200, unproven('failed'))).toBe(false);
});

test('a user with a proven device and unproven ones has one voice in each list', () => {
  const reports = new UserReports();
  for (const userId of [1, 2]) reports.add(userId, proven('overloaded'));
  for (let times = 0; times < 50; times += 1) reports.add(1, unproven('failed'));
  expect(reports.add(3, proven('overloaded'))).toBe(true);
  expect(reports.hasFailed(1)).toBe(true);
});

test.each([true, false])('a response to one device ends the failure of the user’s others (proven: %s)', (isProven) => {
  const reports = new UserReports();
  reports.add(1, { report: 'failed', isProven });
  reports.add(1, { report: 'overloaded', isProven: !isProven });
  expect(reports.hasFailed(1)).toBe(false);
});
