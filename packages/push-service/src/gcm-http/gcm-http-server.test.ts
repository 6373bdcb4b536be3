import { connect } from 'node:net';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import {
  CHECK_IN,
  checkIn,
  checkInBody,
  FORM,
  post,
  register,
  SUBSCRIPTION,
  subscribe,
} from '../fixtures/gcm-client.test-data.ts';
import { applicationServer, authorize, request } from '../fixtures/push-sender.test-data.ts';
import { startedService } from '../fixtures/started-service.test-data.ts';
import { parseProtobuf } from '../protobuf-fields.ts';
import type { PushService } from '../push-service.ts';

const checkInHeaders = { 'content-type': CHECK_IN };

/** The status of a push that is rightly signed for the endpoint's own origin, unless told otherwise. */
async function pushStatus(service: PushService, endpoint: string, audience = new URL(endpoint).origin) {
  const headers = authorize({ service, keys: applicationServer, now: Date.now(), audience });
  return (await request(service, endpoint, { headers })).status;
}

test('a first check-in is answered with two numbers between 0 and 2^63, others at each', async () => {
  const service = await startedService();
  const answer = await post(service.chromium.checkinUrl, { body: checkInBody(), headers: checkInHeaders });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, CHECK_IN]);
  const fields = parseProtobuf(await answer.bytes());
  expect(fields.ok && fields.value.integer(1)).toBe(1n);
  const profiles = [await checkIn(service), await checkIn(service)];
  const numbers = profiles.flatMap((profile) => [BigInt(profile.androidId), BigInt(profile.securityToken)]);
  expect(numbers.every((number) => number > 0n && number < 2n ** 63n)).toBe(true);
  expect(new Set(numbers).size).toBe(4);
});

test('a later check-in keeps its numbers, and one that the service does not know is told to begin anew', async () => {
  const service = await startedService();
  const profile = await checkIn(service);
  const known = await post(service.chromium.checkinUrl, { body: checkInBody(profile), headers: checkInHeaders });
  const fields = parseProtobuf(await known.bytes());
  expect(fields.ok && String(fields.value.integer(7))).toBe(profile.androidId);
  const forged = checkInBody({ ...profile, securityToken: '7' });
  expect((await post(service.chromium.checkinUrl, { body: forged, headers: checkInHeaders })).status).toBe(401);
});

test.each([
  ['cut short', Uint8Array.of(0x1a, 5)],
  ['a negative id', checkInBody({ androidId: '-1', securityToken: '1' })],
])('a check-in that is no such message is refused: %s', async (_name, body) => {
  const service = await startedService();
  const { status } = await post(service.chromium.checkinUrl, { body, headers: checkInHeaders });
  // The number of a negative id has 20 digits, which none that was given out has.
  expect(status).toBe(400);
});

test('a registration is answered with a token that the endpoint is made of', async () => {
  const service = await startedService();
  const profile = await checkIn(service);
  const answer = await register(service, profile);
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringMatching(/^token=[\w-]{43}$/)]);
});

test.each([
  'https://jmt17.google.com/fcm/send/',
  'https://fcm.googleapis.com/fcm/send/',
  'https://fcm.googleapis.com/wp/',
])('a push to %s… is taken if it is signed for that origin', async (prefix) => {
  const service = await startedService();
  expect(service.endpointOrigins).toContain(new URL(prefix).origin);
  const endpoint = await subscribe(service, await checkIn(service));
  const url = prefix + endpoint.slice(endpoint.lastIndexOf('/') + 1);
  expect(await pushStatus(service, url)).toBe(201);
  expect(await pushStatus(service, url, service.endpointOrigin)).toBe(401);
});

test('a push to an origin that no endpoint has is misdirected: a port makes another origin', async () => {
  const service = await startedService();
  const endpoint = await subscribe(service, await checkIn(service));
  const elsewhere = endpoint.replace('jmt17.google.com', 'localhost');
  expect(await pushStatus(service, elsewhere)).toBe(421);
});

test('the same registration is answered with the same token, another page or profile with its own', async () => {
  const service = await startedService();
  const profile = await checkIn(service);
  const endpoint = await subscribe(service, profile);
  expect(await subscribe(service, profile)).toBe(endpoint);
  expect(await subscribe(service, profile, { 'X-subtype': 'wp:http://localhost:1/#B-V2' })).not.toBe(endpoint);
  expect(await subscribe(service, await checkIn(service))).not.toBe(endpoint);
});

test('an unsubscribed endpoint is gone, and nobody else can unsubscribe it', async () => {
  const service = await startedService();
  const profile = await checkIn(service);
  const endpoint = await subscribe(service, profile);
  const unsubscribe = { delete: 'true', sender: '*', scope: '*', 'X-scope': '*' };
  await register(service, await checkIn(service), unsubscribe);
  expect(await pushStatus(service, endpoint)).toBe(201);
  const answer = await register(service, profile, unsubscribe);
  expect([answer.status, await answer.text()]).toEqual([200, `token=${SUBSCRIPTION['X-subtype']}`]);
  expect(await pushStatus(service, endpoint)).toBe(410);
  expect(await subscribe(service, profile)).not.toBe(endpoint);
});

test("Chromium's own registration is answered with a token that nothing can be sent to", async () => {
  const service = await startedService();
  const { androidId, securityToken } = await checkIn(service);
  const form = (more: Record<string, string>) => ({
    body: new URLSearchParams({ app: 'com.google.android.gms', device: androidId, ...more }).toString(),
    headers: { 'content-type': FORM, authorization: `AidLogin ${androidId}:${securityToken}` },
  });
  const answer = await (await post(service.chromium.registrationUrl, form({ sender: '745476177629' }))).text();
  expect(answer).toMatch(/^token=[\w-]{43}$/);
  expect(await pushStatus(service, `https://jmt17.google.com/fcm/send/${answer.slice(6)}`)).toBe(404);
  const removed = await post(service.chromium.registrationUrl, form({ delete: 'true' }));
  expect(await removed.text()).toBe('deleted=com.google.android.gms');
});

test.each([
  ['a sender that is no P-256 point', { sender: 'AAAA' }, 'Error=INVALID_SENDER'],
  ['the device of another', { device: '1' }, 'Error=INVALID_PARAMETERS'],
  ['no app', { app: '' }, 'Error=INVALID_PARAMETERS'],
])('a registration with %s is refused', async (_name, overrides, body) => {
  const service = await startedService();
  const answer = await register(service, await checkIn(service), overrides);
  expect([answer.status, await answer.text()]).toEqual([400, body]);
});

test.each([
  ['no authorization', {}],
  ['a forged security token', { authorization: 'AidLogin 1:1' }],
  ['another scheme', { authorization: 'Bearer x' }],
])('a registration with %s is refused', async (_name, headers) => {
  const service = await startedService();
  const { status } = await post(service.chromium.registrationUrl, {
    body: new URLSearchParams(SUBSCRIPTION).toString(),
    headers: { 'content-type': FORM, ...headers },
  });
  expect(status).toBe(401);
});

test('a web page, another method, another path and a large body are refused', async () => {
  const service = await startedService();
  const { checkinUrl } = service.chromium;
  const origin = { ...checkInHeaders, origin: 'https://attacker.example' };
  expect((await post(checkinUrl, { body: checkInBody(), headers: origin })).status).toBe(403);
  expect((await fetch(checkinUrl)).status).toBe(405);
  expect((await fetch(new URL('/constructor', checkinUrl))).status).toBe(404);
  const large = new Uint8Array(16_385);
  expect((await post(checkinUrl, { body: large, headers: checkInHeaders })).status).toBe(413);
});

test('a body that is declared too large is refused before it is sent', async () => {
  const service = await startedService();
  const { hostname, port } = new URL(service.chromium.checkinUrl);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.write('POST /checkin HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n');
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1.1 413 /);
});
