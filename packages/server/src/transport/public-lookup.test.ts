import { expect, test } from 'vitest';
import { isPrivateAddress } from './private-address.ts';
import { createPublicLookup, PrivateAddressError } from './public-lookup.ts';

/** DNS that answers as an attacker would have it. */
function answering(addresses: { address: string; family: number }[]) {
  return createPublicLookup((_hostname, _options, callback) => callback(null, addresses));
}

function resolve(look: ReturnType<typeof createPublicLookup>, all: boolean) {
  return new Promise((done) => {
    look('push.example.net', { all }, (error, address) => done(error ?? address));
  });
}

test('a name that leads inside is refused, whatever it led to when it was saved', async () => {
  const rebound = answering([{ address: '127.0.0.1', family: 4 }]);
  expect(await resolve(rebound, true)).toBeInstanceOf(PrivateAddressError);
  expect(await resolve(rebound, false)).toBeInstanceOf(PrivateAddressError);
});

test('of several addresses only public ones are used', async () => {
  const mixed = answering([
    { address: '10.0.0.1', family: 4 },
    { address: '93.184.216.34', family: 4 },
  ]);
  expect(await resolve(mixed, true)).toEqual([{ address: '93.184.216.34', family: 4 }]);
  expect(await resolve(mixed, false)).toBe('93.184.216.34');
});

test.each([
  '127.0.0.1',
  '10.0.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  'fec0::1',
  '2001::1',
  'fe80::1',
  'fd00::1',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:a00:1',
  '64:ff9b::a00:1',
  '2002:7f00:1::',
])('%s is private', (address) => {
  expect(isPrivateAddress(address)).toBe(true);
});

test.each(['93.184.216.34', '172.32.0.1', '2606:2800:220:1::1', '::ffff:93.184.216.34'])('%s is public', (address) => {
  expect(isPrivateAddress(address)).toBe(false);
});
