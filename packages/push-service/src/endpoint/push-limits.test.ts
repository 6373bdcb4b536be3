import { expect, test } from 'vitest';
import { applicationServer, authorize, request } from '../fixtures/push-sender.test-data.ts';
import { steppedClock } from '../fixtures/started-service.test-data.ts';
import { subscribed } from '../fixtures/subscribed.test-data.ts';

test('more pushes than a minute allows are 429 until the next minute, for that subscription only', async () => {
  // Stands at the beginning of a minute.
  const clock = steppedClock();
  const { service, client, endpoint } = await subscribed({ clock, maxPushesPerMinute: 2 });
  const other = await client.register();
  const push = async (url = endpoint) => (await request(service, url)).status;
  expect([await push(), await push()]).toEqual([201, 201]);
  clock.advanceSeconds(15);
  const refused = await request(service, endpoint);
  expect([refused.status, refused.headers['retry-after'], JSON.parse(refused.body).errno]).toEqual([429, '45', 201]);
  expect(await push(other.endpoint)).toBe(201);
  clock.advanceSeconds(44);
  expect(await push()).toBe(429);
  clock.advanceSeconds(1);
  expect(await push()).toBe(201);
});

test('a sender without the right token cannot use up what the application server may send', async () => {
  const { service, endpoint } = await subscribed({ key: applicationServer.publicKey, maxPushesPerMinute: 1 });
  const forged = await request(service, endpoint);
  const headers = authorize({ service, keys: applicationServer, now: Date.now() });
  const right = await request(service, endpoint, { headers });
  expect([forged.status, right.status]).toEqual([401, 201]);
});

test('a subscription with as many undelivered messages as it keeps is 429 until one is gone', async () => {
  const { service, client, channelID, endpoint } = await subscribed({ maxPendingPerSubscription: 2 });
  const push = (ttl = '60') => request(service, endpoint, { headers: { ttl } });
  expect([(await push()).status, (await push()).status]).toEqual([201, 201]);
  const refused = await push();
  expect([refused.status, refused.headers['retry-after'], JSON.parse(refused.body).errno]).toEqual([429, '120', 201]);
  // One that is not kept takes no place.
  expect((await push('0')).status).toBe(201);
  client.ack(channelID, (await client.next()).version);
  await client.next();
  await client.next();
  await client.ping();
  expect((await push()).status).toBe(201);
});

test('expired messages make room while no user agent says hello', async () => {
  const clock = steppedClock();
  const { service, client, endpoint } = await subscribed({ clock, maxPendingPerSubscription: 1 });
  await client.disconnect();
  const push = async () => (await request(service, endpoint, { headers: { ttl: '10' } })).status;
  expect([await push(), await push()]).toEqual([201, 429]);
  clock.advanceSeconds(10);
  expect(await push()).toBe(201);
});
