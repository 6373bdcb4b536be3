import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  ADDRESS_REQUESTS_PER_MINUTE,
  BROWSER_REQUESTS_PER_MINUTE,
  MAX_RECENT_KEYS,
  PASSES_PER_SECOND,
  PASSES_PER_USER_PER_MINUTE,
  REFUSALS_PER_SECOND,
} from '../../limits.ts';
import { API_KEY, ORIGIN, startTestBelfry, type TestBelfry } from '../../testing/test-belfry.test-data.ts';

let server: TestBelfry;
/** How often the application was asked who somebody is. */
let asked: number;
beforeEach(async () => {
  asked = 0;
  server = await startTestBelfry();
  await server.restart({
    authenticate: ({ headers }) => {
      asked++;
      return /^session=(?<user>[a-z]+\d*)(?:; x=\d+)?$/v.exec(headers.get('cookie') ?? '')?.groups?.['user'];
    },
  });
});
afterEach(() => server.close());

const ADDRESS = '192.0.2.7';

/** The status of the response. Strangers wait for their turn to be refused, so time passes. */
async function ask(path: string, headers: Record<string, string> = {}): Promise<number> {
  const request = new Request(`${ORIGIN}/api/push${path}`, { headers });
  let status: number | undefined;
  void server.belfry.handle(request, { clientAddress: ADDRESS }).then((response) => (status = response.status));
  await server.until(() => status !== undefined, 1);
  return status ?? 0;
}

/** As a web page anywhere can have its visitors' browsers ask. */
const crossSite = { 'sec-fetch-site': 'cross-site' };
const asUser = (user: string) => ({ cookie: `session=${user}` });
const withKey = { authorization: `Bearer ${API_KEY}` };

/** Takes the turns that are left, without waiting for the responses. */
function takeTurns(): Promise<Response[]> {
  const request = () => new Request(`${ORIGIN}/api/push/topics`, { headers: asUser('') });
  return Promise.all(
    Array.from({ length: PASSES_PER_SECOND }, () => server.belfry.handle(request(), { clientAddress: ADDRESS })),
  );
}

test('605 requests for the public key refuse nobody else behind their address', async () => {
  for (let i = 0; i < 605; i++) await ask('/public-key', crossSite);
  const strangers = takeTurns();
  expect(await ask('/topics', asUser('ada'))).toBe(200);
  expect(await ask('/public-key', asUser('ada'))).toBe(200);
  expect(await ask('/users/ada/devices', withKey)).toBe(200);
  await server.belfry.close();
  await strangers;
});

test('an address beyond its limit lets API keys, and users that are not known yet, pass', async () => {
  for (let i = 0; i < ADDRESS_REQUESTS_PER_MINUTE; i++) await ask('/topics', crossSite);
  // Each gives its turn back.
  for (let i = 0; i < 4 * PASSES_PER_SECOND; i++) {
    expect(await ask('/topics', asUser(`user${i}`))).toBe(200);
    expect(await ask('/users/ada/devices', withKey)).toBe(200);
  }
});

test('known users and API keys pass while strangers take all turns', async () => {
  expect(await ask('/topics', asUser('ada'))).toBe(200);
  for (let i = 0; i < ADDRESS_REQUESTS_PER_MINUTE; i++) await ask('/topics', crossSite);
  const strangers = takeTurns();
  expect(await ask('/topics', asUser('ada'))).toBe(200);
  expect(await ask('/users/ada/devices', withKey)).toBe(200);
  await server.belfry.close();
  await strangers;
});

test('strangers beyond the limit of their address ask `authenticate` so often, and no more', async () => {
  for (let i = 0; i < ADDRESS_REQUESTS_PER_MINUTE; i++) await ask('/nothing');
  const strangers = [takeTurns()];
  await server.until(async () => true);
  asked = 0;
  for (let second = 0; second < 10; second++) {
    for (let quarter = 0; quarter < 4; quarter++) {
      server.clock.advance(250);
      strangers.push(takeTurns());
      await server.until(async () => true);
    }
  }
  expect(asked).toBe(10 * PASSES_PER_SECOND);
  await server.belfry.close();
  const statuses = (await Promise.all(strangers)).flat().map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
});

test('a known user passes the limit of an address so often', async () => {
  expect(await ask('/topics', asUser('mallory'))).toBe(200);
  for (let i = 0; i < ADDRESS_REQUESTS_PER_MINUTE; i++) await ask('/nothing');
  const strangers = takeTurns();
  const statuses: number[] = [];
  for (let i = 0; i < PASSES_PER_USER_PER_MINUTE + 1; i++) statuses.push(await ask('/nothing', asUser('mallory')));
  expect(statuses.indexOf(429)).toBe(PASSES_PER_USER_PER_MINUTE);
  await server.belfry.close();
  await strangers;
});

test('a user with ever new cookies does not make the server forget the users that it knows', async () => {
  expect(await ask('/topics', asUser('ada'))).toBe(200);
  // No browser may join a topic, so that each request ends once it is known whose it is.
  const mallory = async (x: number): Promise<number> => {
    const headers = { ...asUser(`mallory; x=${x}`), origin: ORIGIN };
    const request = new Request(`${ORIGIN}/api/push/topics/news`, { method: 'PUT', headers });
    return (await server.belfry.handle(request)).status;
  };
  // More than are remembered, and each minute as many as a user's limit lets through.
  const minutes = Math.ceil(MAX_RECENT_KEYS / BROWSER_REQUESTS_PER_MINUTE);
  const statuses = new Set<number>();
  for (let minute = 0; minute < minutes; minute++) {
    const from = minute * BROWSER_REQUESTS_PER_MINUTE;
    const answers = Array.from({ length: BROWSER_REQUESTS_PER_MINUTE }, (_, n) => mallory(from + n));
    for (const status of await Promise.all(answers)) statuses.add(status);
    server.clock.advance(60_000);
  }
  expect([asked, statuses]).toEqual([1 + minutes * BROWSER_REQUESTS_PER_MINUTE, new Set([403])]);
  for (let i = 0; i < ADDRESS_REQUESTS_PER_MINUTE; i++) await ask('/topics', crossSite);
  const strangers = takeTurns();
  expect(await ask('/topics', asUser('ada'))).toBe(200);
  await server.belfry.close();
  await strangers;
});

test('a user on many connections costs few calls of `authenticate`, and waits for each refusal', async () => {
  let responses = 0;
  const answers = Array.from({ length: 3000 }, async () => {
    const request = new Request(`${ORIGIN}/api/push/topics`, { headers: asUser('mallory') });
    const { status } = await server.belfry.handle(request, { clientAddress: ADDRESS });
    responses++;
    return status;
  });
  await server.until(() => responses >= BROWSER_REQUESTS_PER_MINUTE);
  expect(asked).toBeLessThanOrEqual(ADDRESS_REQUESTS_PER_MINUTE + PASSES_PER_USER_PER_MINUTE + PASSES_PER_SECOND);
  const atOnce = responses;
  for (let ms = 0; ms < 1000; ms += 20) {
    server.clock.advance(20);
    await server.until(async () => true);
  }
  expect(responses - atOnce).toBeLessThanOrEqual(REFUSALS_PER_SECOND);
  await server.belfry.close();
  const statuses = await Promise.all(answers);
  expect(statuses.filter((status) => status === 200)).toHaveLength(BROWSER_REQUESTS_PER_MINUTE);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
});
