import { generateVapidKeys } from '@belfry/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

let server: TestBelfry;
beforeEach(async () => {
  server = await startTestBelfry();
});
afterEach(() => server.close());

async function publicKey() {
  return (await server.post('/public-key', { method: 'GET' })).body;
}

test('without keys a store makes its own, and keeps them', async () => {
  const first = await publicKey();
  await server.restart();
  expect(await publicKey()).toEqual(first);
});

test('keys that are given come before those of the environment, and these before the store’s', async () => {
  const [given, older, environment] = [generateVapidKeys(), generateVapidKeys(), generateVapidKeys()];
  const env = { VAPID_PUBLIC_KEY: environment.publicKey, VAPID_PRIVATE_KEY: environment.privateKey };
  await server.restart({ env });
  expect(await publicKey()).toEqual({ publicKey: environment.publicKey });
  await server.restart({ env, vapid: [given, older] });
  expect(await publicKey()).toEqual({ publicKey: given.publicKey });
});

test('a fresh key beside devices of an unknown one does not start, and with the earlier one behind it does', async () => {
  const [first, second] = [generateVapidKeys(), generateVapidKeys()];
  await server.restart({ vapid: [first] });
  const device = subscribeAtSink();
  await server.post('/subscribe', { body: device.subscription });
  await expect(server.restart({ vapid: [second] })).rejects.toMatchObject({ id: 'vapid-keys-missing' });
  await server.restart({ vapid: [second, first] });
  await (await server.belfry.notify('ada', { title: 'x' })).settled();
  expect(server.sink.received[0]?.headers.authorization).toContain(first.publicKey);
});

test('a new key beside the store’s own keeps the old devices', async () => {
  await server.post('/subscribe', { body: subscribeAtSink().subscription });
  await server.restart({ vapid: [generateVapidKeys()] });
  expect(await (await server.belfry.notify('ada', { title: 'x' })).settled()).toMatchObject([{ outcome: 'accepted' }]);
});

const pair = generateVapidKeys();
test.each([
  ['only half in the environment', { env: { VAPID_PUBLIC_KEY: pair.publicKey } }],
  ['halves of two pairs', { vapid: [{ ...pair, publicKey: generateVapidKeys().publicKey }] }],
  ['a public key that is none', { vapid: [{ ...pair, publicKey: 'BAAA' }] }],
  ['an empty list', { vapid: [] }],
])('%s does not start, and says so without the key', async (_what, change) => {
  const error: unknown = await server.restart(change).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ id: 'invalid-configuration' });
  expect(String(error)).not.toContain(pair.privateKey);
  await server.restart();
});

test('a rotation gives new devices a new key, and loses none of those that are there', async () => {
  const first = await publicKey();
  await server.post('/subscribe', { body: subscribeAtSink('old').subscription });
  await server.belfry.rotateVapidKeys();
  const second = await publicKey();
  expect(second).not.toEqual(first);
  await server.post('/subscribe', { body: subscribeAtSink('new').subscription });
  for (let restarts = 0; restarts < 2; restarts += 1) {
    expect(await (await server.belfry.notify('ada', { title: 'x' })).settled()).toMatchObject([
      { outcome: 'accepted' },
      { outcome: 'accepted' },
    ]);
    await server.restart();
  }
  const keys = server.sink.received.map(({ headers }) => [headers[':path'], headers.authorization?.split('k=')[1]]);
  expect(new Set(keys.map(String))).toEqual(
    new Set([`/old,${Object(first).publicKey}`, `/new,${Object(second).publicKey}`]),
  );
});

test('keys that were given are not rotated, since the next start would not have the new ones', async () => {
  await server.restart({ vapid: [generateVapidKeys()] });
  await expect(server.belfry.rotateVapidKeys()).rejects.toMatchObject({ id: 'invalid-configuration' });
});
