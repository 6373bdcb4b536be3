import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ADDRESS_REQUESTS_PER_MINUTE, UNADDRESSED_REQUESTS_PER_MINUTE } from '../../limits.ts';
import { FakeClock } from '../../testing/fake-clock.test-data.ts';
import { addressKey } from './address-key.ts';
import { type AddressLimit, createAddressLimit } from './address-limit.ts';

const tooMany = { refused: { windowMs: 60_000, limit: expect.any(Number), retryAfterMs: expect.any(Number) } };

describe('a limit by address', () => {
  const clock = new FakeClock();
  /** How many of these requests were refused. */
  const ask = (limit: AddressLimit, address: string | undefined, times: number): number =>
    Array.from({ length: times }, () => limit(address)).filter(({ refused }) => refused !== undefined).length;

  test('keeps a real count under 200,000 made-up addresses, and costs the real ones nothing', () => {
    const limit = createAddressLimit({ clock, randomBytes });
    ask(limit, '192.0.2.1', ADDRESS_REQUESTS_PER_MINUTE);
    let refused = 0;
    for (let i = 0; i < 200_000; i++) {
      refused += ask(limit, `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 1);
    }
    // The few that share its counter; each counter has three of them.
    expect(refused).toBeLessThan(30);
    expect(limit('192.0.2.1')).toMatchObject(tooMany);
    expect(ask(limit, '198.51.100.1', ADDRESS_REQUESTS_PER_MINUTE / 2)).toBe(0);
  });

  test('counts over the last minute, not from a fixed one', () => {
    const limit = createAddressLimit({ clock, randomBytes });
    clock.advance(59_000);
    ask(limit, '192.0.2.1', ADDRESS_REQUESTS_PER_MINUTE);
    clock.advance(2_000);
    // A sixtieth of what was asked in the window before counts no more.
    const more = ADDRESS_REQUESTS_PER_MINUTE / 60;
    expect(ask(limit, '192.0.2.1', more)).toBe(0);
    expect(limit('192.0.2.1')).toMatchObject({ refused: { retryAfterMs: 59_000 } });
    clock.advance(120_000);
    expect(ask(limit, '192.0.2.1', ADDRESS_REQUESTS_PER_MINUTE * 0.9)).toBe(0);
  });

  test('forgets everything in two minutes, however long nobody asked', () => {
    const limit = createAddressLimit({ clock, randomBytes });
    ask(limit, '192.0.2.1', ADDRESS_REQUESTS_PER_MINUTE);
    clock.advance(100 * 24 * 3_600_000);
    expect(ask(limit, '192.0.2.1', ADDRESS_REQUESTS_PER_MINUTE)).toBe(0);
  });

  test('does not count what was proven', () => {
    const limit = createAddressLimit({ clock, randomBytes });
    for (let i = 0; i < 2 * ADDRESS_REQUESTS_PER_MINUTE; i++) limit('192.0.2.1').proven();
    expect(ask(limit, '192.0.2.1', ADDRESS_REQUESTS_PER_MINUTE)).toBe(0);
    expect(limit('192.0.2.1')).toMatchObject(tooMany);
  });

  test.each([undefined, 'unknown', ''])('counts all whose address is %j together', (address) => {
    const limit = createAddressLimit({ clock, randomBytes });
    for (let i = 0; i < UNADDRESSED_REQUESTS_PER_MINUTE; i++) limit(address);
    expect(limit(undefined)).toMatchObject(tooMany);
    expect(ask(limit, '192.0.2.1', 1)).toBe(0);
  });
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['0:0:0:0:0:FFFF:c000:201', '192.0.2.1'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:0DB8:0:0:ffff:ffff:ffff:ffff', '2001:db8:0:0'],
  ['2001:db8:0:1::1', '2001:db8:0:1'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['192.0.2.1:4711', undefined],
  ['evil', undefined],
  [undefined, undefined],
])('the address %j is counted by %j', (address, key) => {
  expect(addressKey(address)).toBe(key);
});
