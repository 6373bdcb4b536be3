import { expect, test } from 'vitest';
import { createEndpointPolicy } from './endpoint-policy.ts';
import { createPublicLookup, type LookupAll, RefusedAddressError } from './public-lookup.ts';
import { NEVER, pushTo, startTlsServer, transportTo } from './tls-server.test-data.ts';

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
  expect(await resolve(rebound, true)).toBeInstanceOf(RefusedAddressError);
  expect(await resolve(rebound, false)).toBeInstanceOf(RefusedAddressError);
});

test('of several addresses only public ones are used', async () => {
  const mixed = answering([
    { address: '10.0.0.1', family: 4 },
    { address: '93.184.216.34', family: 4 },
  ]);
  expect(await resolve(mixed, true)).toEqual([{ address: '93.184.216.34', family: 4 }]);
  expect(await resolve(mixed, false)).toBe('93.184.216.34');
});

test('a name that was public when it was saved, and leads inside now, is refused', async () => {
  const server = await startTlsServer();
  const origin = `https://rebinding.example.net:${server.port}`;
  const answers = ['93.184.216.34', '127.0.0.1'];
  const lookup: LookupAll = (_hostname, _options, callback) =>
    callback(null, [{ address: answers.shift() ?? '127.0.0.1', family: 4 }]);
  const policy = createEndpointPolicy({ allowedPushHosts: [new URL(origin).host] });
  expect(policy.parse(`${origin}/push`)).toMatchObject({ ok: true });
  expect(await resolve(createPublicLookup(lookup), false)).toBe('93.184.216.34');

  const { transport } = transportTo(server, { ...policy, lookup });
  const answer = await transport.send(pushTo('/push', { origin }), NEVER);
  expect(answer).toEqual({ kind: 'not-sent', reason: 'refused-address' });
  expect(server.connections).toBe(0);
});

test.each([
  ['::ffff:127.0.0.1', 6],
  ['64:ff9b::7f00:1', 6],
  ['::1', 6],
  ['169.254.169.254', 4],
  ['100.64.0.1', 4],
  ['0.0.0.0', 4],
])('a name that leads to %s is not connected to', async (address, family) => {
  const server = await startTlsServer();
  const lookup: LookupAll = (_hostname, _options, callback) => callback(null, [{ address, family }]);
  const { transport } = transportTo(server, { development: () => undefined, lookup });
  const sent = transport.send(pushTo('/', { origin: `https://name.example.net:${server.port}` }), NEVER);
  expect(await sent).toEqual({ kind: 'not-sent', reason: 'refused-address' });
  expect(server.connections).toBe(0);
});

test.each([
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '017700000001',
  '127.1',
  '127.0.0.1',
  '127.0.0.1.',
  '0',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[64:ff9b::7f00:1]',
  '169.254.169.254',
  '100.100.100.200',
  'localhost',
  'LOCALHOST.',
  'printer.local',
])('%s as a host is refused when it is saved, and when it is connected to', async (host) => {
  const server = await startTlsServer();
  const endpoint = `https://${host}:${server.port}/push`;
  const { origin, host: normal } = new URL(endpoint);
  const policy = createEndpointPolicy({ allowedPushHosts: [normal] });
  expect(policy.parse(endpoint).ok).toBe(false);
  const { transport } = transportTo(server, policy);
  expect(await transport.send(pushTo('/push', { origin }), NEVER)).toEqual({
    kind: 'not-sent',
    reason: 'refused-address',
  });
  expect(server.connections).toBe(0);
});

test('a host that is not on the list any more is refused', async () => {
  const server = await startTlsServer();
  const { transport } = transportTo(server, createEndpointPolicy({}));
  expect(await transport.send(pushTo('/'), NEVER)).toEqual({ kind: 'not-sent', reason: 'refused-address' });
});
