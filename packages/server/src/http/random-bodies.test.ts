import { sqlite } from '@belfry/store/sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ERROR_STATUS } from '../errors.ts';
import { aSecret, subscribeBrowser } from '../testing/a-browser.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

let server: TestBelfry;
beforeAll(async () => {
  server = await startTestBelfry();
  await server.restart({ store: sqlite(':memory:') });
});
afterAll(() => server.close());

const anything = fc.jsonValue();
/** Mostly what belongs there, else something that does not. */
const mostly = (values: readonly unknown[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: anything });

const receipt = fc.record(
  {
    id: mostly(['message-1', 'x'.repeat(64)]),
    binding: mostly(['$binding']),
    kind: mostly(['received', 'shown', 'clicked', 'closed']),
    action: mostly([null, '', 'reply', '\u{1f514}', '\ud800']),
    at: mostly([0, 1_700_000_000_000, Number.MAX_SAFE_INTEGER, 1e300]),
  },
  { requiredKeys: ['id', 'binding', 'kind', 'at'] },
);

/** What begins with `$` stands for what a device has, or another one (`$other…`). */
const bodies = fc.record(
  {
    deviceId: mostly(['$deviceId']),
    deviceSecret: mostly(['$deviceSecret', '$deviceSecret', '$otherSecret']),
    endpoint: mostly(['$endpoint', '$otherEndpoint']),
    keys: mostly([{ p256dh: '$p256dh', auth: '$auth' }]),
    expirationTime: mostly([null, 8.64e15]),
    vapidPublicKey: mostly([null]),
    lang: mostly(['it', '\ud800']),
    receipts: fc.oneof(
      { weight: 4, arbitrary: fc.array(receipt, { maxLength: 5 }) },
      { weight: 1, arbitrary: anything },
    ),
  },
  { requiredKeys: ['deviceId', 'deviceSecret', 'endpoint', 'keys'] },
);

const requests = fc.record({
  route: fc.constantFrom('POST /subscribe', 'DELETE /subscribe', 'POST /resubscribe', 'POST /receipts'),
  user: fc.constantFrom('bob', null),
  body: fc.oneof({ weight: 1, arbitrary: anything }, { weight: 8, arbitrary: bodies }),
});

test('any body is taken or refused with an error that is known, and no log or error holds what is private', async () => {
  const other = await subscribeBrowser(server, { user: 'other' });
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(requests, async ({ route, user, body }) => {
      // None is refused for asking too often.
      server.clock.advance(60_000);
      const { deviceId, deviceSecret, binding, subscription } = await subscribeBrowser(server);
      const { endpoint, keys } = subscription;
      const secrets = {
        deviceSecret,
        otherSecret: aSecret(),
        endpoint,
        otherEndpoint: other.subscription.endpoint,
        ...keys,
      };
      const values = Object.entries({ deviceId, binding, ...secrets });
      const text = values.reduce(
        (json, [name, value]) => json.replaceAll(`"$${name}"`, `"${value}"`),
        JSON.stringify(body),
      );

      const [method = '', path = ''] = route.split(' ');
      const answer = await server.post(path, { method, user, body: text });
      statuses.add(answer.status);
      if (answer.status < 300) return;
      const { id, message }: Record<string, unknown> = Object(Reflect.get(Object(answer.body), 'error'));
      expect(Object.entries(ERROR_STATUS)).toContainEqual([id, answer.status]);
      expect(answer.status).toBeLessThan(500);
      for (const secret of Object.values(secrets)) expect(message).not.toContain(secret);
    }),
    { numRuns: 500 },
  );
  // Nothing but what it says at each start.
  expect(server.log.filter((line) => !line.includes('developmentPushServices'))).toEqual([]);
  // They came to all that there is to come to.
  expect(statuses).toEqual(new Set([200, 201, 204, 400, 401, 404, 409]));
});

test('any path below the prefix is answered', async () => {
  const part = fc.oneof(fc.string(), fc.constantFrom('users', 'devices', 'messages', 'topics', '%', '..', '{}', ':id'));
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 4 }),
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
      async (parts, method) => {
        const { status } = await server.post(`/${parts.join('/')}`, { method, user: null });
        expect([400, 401, 403, 404, 405, 415]).toContain(status);
      },
    ),
  );
});
