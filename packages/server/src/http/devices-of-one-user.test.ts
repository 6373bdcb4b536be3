import { type Store, StoreError } from '@belfry/store';
import { sqlite } from '@belfry/store/sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  BROWSER_REQUESTS_PER_MINUTE,
  DEVICE_REQUESTS_PER_USER_PER_MINUTE,
  MAX_UNPROVEN_PROOFS,
  RECEIPT_REQUESTS_PER_MINUTE,
  RECEIPT_REQUESTS_PER_USER_PER_MINUTE,
  UNPROVEN_LOOKUPS_PER_SECOND,
} from '../limits.ts';
import { type KnownBrowser, subscribeBrowser } from '../testing/a-browser.test-data.ts';
import { ORIGIN, startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

/** How many look-ups of devices the store takes at once. */
const LOOKUPS_AT_ONCE = 200;

let server: TestBelfry;
let adas: KnownBrowser;
beforeEach(async () => {
  server = await startTestBelfry();
  adas = await subscribeBrowser(server);
});
afterEach(() => server.close());

async function devicesOf(user: string, count: number): Promise<readonly KnownBrowser[]> {
  const devices: KnownBrowser[] = [];
  for (let n = 0; n < count; n++) devices.push(await subscribeBrowser(server, { user }));
  return devices;
}

interface Asked extends Omit<KnownBrowser, 'binding'> {
  readonly route: string;
  readonly address?: string;
}

async function ask({ route, address = '192.0.2.1', subscription, ...proof }: Asked): Promise<Response> {
  const receipts = [{ id: 'a-message', binding: 'a-binding', kind: 'shown', at: 0 }];
  const request = new Request(`${ORIGIN}/api/push${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...subscription, ...proof, receipts }),
  });
  return await server.belfry.handle(request, { clientAddress: address });
}

const statusesOf = async (answers: readonly Promise<Response>[]) =>
  new Set((await Promise.all(answers)).map(({ status }) => status));

describe.each([
  {
    route: '/receipts',
    status: 204,
    perDevice: RECEIPT_REQUESTS_PER_MINUTE,
    perUser: RECEIPT_REQUESTS_PER_USER_PER_MINUTE,
  },
  {
    route: '/resubscribe',
    status: 200,
    perDevice: BROWSER_REQUESTS_PER_MINUTE,
    perUser: DEVICE_REQUESTS_PER_USER_PER_MINUTE,
  },
])('the 50 devices of a user at $route', ({ route, status, perDevice, perUser }) => {
  test('are served several times each, all at once, and have the limit of one user', async () => {
    const devices = await devicesOf('mallory', 50);
    const times = perUser / devices.length;
    for (let time = 0; time < times; time++) {
      expect(await statusesOf(devices.map((device) => ask({ ...device, route })))).toEqual(new Set([status]));
    }
    const answers: Promise<Response>[] = [];
    for (const device of [...devices, ...(await devicesOf('mallory', 5))]) {
      // From ever other addresses, so that none of these reaches its own limit.
      for (let n = times; n < perDevice; n++) answers.push(ask({ ...device, route, address: `10.0.0.${n}` }));
    }
    expect((await server.settled(ask({ ...adas, route }))).status).toBe(status);
    await server.settled(Promise.all(answers));
    for (const answer of answers) {
      const { status: refused, headers } = await answer;
      expect([refused, Number(headers.get('retry-after')) > 0]).toEqual([429, true]);
    }
  });
});

test('13 known devices of a user leave places for look-ups of other users, however slow the store is', async () => {
  const devices = await devicesOf('mallory', 13);
  const slow = Promise.withResolvers<undefined>();
  let isSlow = false;
  let underWay = 0;
  const open = sqlite(server.path);
  const store = async (): Promise<Store> => {
    const opened = await open();
    return {
      ...opened,
      async proveDevice(proof) {
        if (underWay >= LOOKUPS_AT_ONCE) throw new StoreError('store-busy', 'Too many calls wait');
        underWay++;
        if (isSlow && proof.publicId !== adas.deviceId) await slow.promise;
        const userId = await opened.proveDevice(proof);
        underWay--;
        return userId;
      },
    };
  };
  await server.restart({ store });
  const route = '/receipts';
  for (const device of [adas, ...devices]) await ask({ ...device, route });
  isSlow = true;
  const strangers: Promise<Response>[] = [];
  while (strangers.length < MAX_UNPROVEN_PROOFS) {
    const address = `10.0.0.${strangers.length}`;
    strangers.push(ask({ ...adas, deviceId: 'nobody', route, address }));
    await server.until(() => underWay === strangers.length);
    server.clock.advance(1000 / UNPROVEN_LOOKUPS_PER_SECOND);
  }
  const mallorys = devices.flatMap((device) => Array.from({ length: 8 }, () => ask({ ...device, route })));
  let response: Response | undefined;
  void ask({ ...adas, route }).then((received) => (response = received));
  // Little time passes, so that none of the others has waited for too long.
  await server.until(() => response !== undefined, 1);
  expect(response?.status).toBe(204);
  slow.resolve(undefined);
  expect(await statusesOf(mallorys)).toEqual(new Set([204]));
  expect(await statusesOf(strangers)).toEqual(new Set([404]));
});
