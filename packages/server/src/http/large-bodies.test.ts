import { setImmediate } from 'node:timers/promises';
import { sqlite } from '@belfry/store/sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_BROWSER_BODY_BYTES, MAX_RECEIPTS_BODY_BYTES, MAX_SEND_BODY_BYTES } from '../limits.ts';
import { type KnownBrowser, subscribeBrowser } from '../testing/a-browser.test-data.ts';
import { API_KEY, ORIGIN, startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

/** Nothing that a request holds takes more of the event loop, in CPU time of this thread. */
const MAX_STRETCH_MS = 50;

let server: TestBelfry;
let browser: KnownBrowser;
beforeAll(async () => {
  server = await startTestBelfry();
  await server.restart({
    store: sqlite(':memory:'),
    origins: [ORIGIN, 'https://a.example.com', 'https://b.example.com'],
  });
  browser = await subscribeBrowser(server);
}, 60_000);
afterAll(() => server.close());

/** JSON of so many bytes at most, in shapes that are dear to read. */
const shapes: Record<string, (bytes: number) => string> = {
  'small objects with names of their own': (bytes) => list(bytes, (i) => `{"${i.toString(36)}":0}`),
  'one object with many names': (bytes) => list(bytes, (i) => `"${i.toString(36)}":0`, '{}'),
  'empty objects': (bytes) => list(bytes, () => '{}'),
  'empty lists': (bytes) => list(bytes, () => '[]'),
  'wrong entries': (bytes) => list(bytes, () => '0'),
  'texts of their own': (bytes) => list(bytes, (i) => `"${i.toString(36)}"`),
  'the same text': (bytes) => list(bytes, () => '"ada"'),
  'half characters': (bytes) => list(bytes, () => '"\\ud800"'),
  'buttons without a title': (bytes) => list(bytes, () => '{"action":"a"}'),
  'lists in lists': (bytes) => '['.repeat(bytes / 2 - 1) + ']'.repeat(bytes / 2 - 1),
  'objects in objects': (bytes) => `${'{"a":'.repeat((bytes - 2) / 6)}0${'}'.repeat((bytes - 2) / 6)}`,
  'a long text': (bytes) => `"${'x'.repeat(bytes - 2)}"`,
  'a text of escapes': (bytes) => `"${'\\u0000'.repeat((bytes - 2) / 6)}"`,
  'a text of spaces': (bytes) => `"${' '.repeat(bytes - 2)}"`,
  'a text of parentheses': (bytes) => `"${'('.repeat(bytes - 2)}"`,
  'a text of digits': (bytes) => `"2027-01-01T00:00:00.${'0'.repeat(bytes - 30)}Z"`,
  'a huge number': (bytes) => '9'.repeat(bytes),
  'a number near 0': (bytes) => `0.${'0'.repeat(bytes - 3)}1`,
};

function list(bytes: number, entry: (i: number) => string, [open, close] = '[]'): string {
  const entries: string[] = [];
  for (let i = 0, length = 2; ; i++) {
    const text = entry(i);
    length += text.length + 1;
    if (length > bytes) return `${open}${entries.join(',')}${close}`;
    entries.push(text);
  }
}

interface Place {
  readonly route: string;
  readonly maxBytes: number;
  /** `$` stands for what is large. */
  readonly body: () => object | string;
}

const proof = () => ({ deviceId: browser.deviceId, deviceSecret: browser.deviceSecret });
const send = (body: object): Place => ({ route: 'POST /send', maxBytes: MAX_SEND_BODY_BYTES, body: () => body });
const subscribe = (body: object): Place => ({
  route: 'POST /subscribe',
  maxBytes: MAX_BROWSER_BODY_BYTES,
  body: () => ({ ...browser.subscription, ...body }),
});
const message = { title: 'x' };
const places: Record<string, Place> = {
  'all of /send': { route: 'POST /send', maxBytes: MAX_SEND_BODY_BYTES, body: () => '$' },
  target: send({ target: '$', message }),
  'target.user': send({ target: { user: '$' }, message }),
  'target.users': send({ target: { users: '$' }, message }),
  'target.topic': send({ target: { topic: '$' }, message }),
  'target.condition': send({ target: { condition: '$' }, message }),
  message: send({ target: 'ada', message: '$' }),
  'message.type': send({ target: 'ada', message: { type: '$' } }),
  'message.payload': send({ target: 'ada', message: { type: 'x', payload: '$' } }),
  'message.notification': send({ target: 'ada', message: { notification: '$' } }),
  'message.notification.url': send({ target: 'ada', message: { notification: { title: 'x', url: '$' } } }),
  'message.notification.actions': send({ target: 'ada', message: { notification: { title: 'x', actions: '$' } } }),
  'message.notification.vibrate': send({ target: 'ada', message: { notification: { title: 'x', vibrate: '$' } } }),
  'message.notification.data': send({ target: 'ada', message: { notification: { title: 'x', data: '$' } } }),
  options: send({ target: 'ada', message, options: '$' }),
  'options.at': send({ target: 'ada', message, options: { at: '$' } }),
  'options.at.local': send({ target: 'ada', message, options: { at: { local: '$' } } }),
  'options.expiresAt': send({ target: 'ada', message, options: { expiresAt: '$' } }),
  'options.collapseKey': send({ target: 'ada', message, options: { collapseKey: '$' } }),
  'options.idempotencyKey': send({ target: 'ada', message, options: { idempotencyKey: '$' } }),
  'options.ttl': send({ target: 'ada', message, options: { ttl: '$' } }),
  'all of /subscribe': { route: 'POST /subscribe', maxBytes: MAX_BROWSER_BODY_BYTES, body: () => '$' },
  endpoint: subscribe({ endpoint: '$' }),
  keys: subscribe({ keys: '$' }),
  timeZone: subscribe({ timeZone: '$' }),
  scope: subscribe({ scope: '$' }),
  'all of DELETE /subscribe': { route: 'DELETE /subscribe', maxBytes: MAX_BROWSER_BODY_BYTES, body: () => '$' },
  'all of /resubscribe': { route: 'POST /resubscribe', maxBytes: MAX_BROWSER_BODY_BYTES, body: () => '$' },
  'deviceSecret of /resubscribe': {
    route: 'POST /resubscribe',
    maxBytes: MAX_BROWSER_BODY_BYTES,
    body: () => ({ ...proof(), deviceSecret: '$' }),
  },
  'endpoint of /resubscribe': {
    route: 'POST /resubscribe',
    maxBytes: MAX_BROWSER_BODY_BYTES,
    body: () => ({ ...proof(), endpoint: '$' }),
  },
  'all of /receipts': { route: 'POST /receipts', maxBytes: MAX_RECEIPTS_BODY_BYTES, body: () => '$' },
  receipts: { route: 'POST /receipts', maxBytes: MAX_RECEIPTS_BODY_BYTES, body: () => ({ ...proof(), receipts: '$' }) },
};

describe.each(Object.entries(places))('%s', (_place, { route, maxBytes, body }) => {
  test.each(Object.entries(shapes))(`that is %s does not hold up the event loop`, async (_shape, large) => {
    const text = JSON.stringify(body());
    const full = text.replace('"$"', () => large(maxBytes - text.length));
    expect(full.length).toBeLessThanOrEqual(maxBytes);
    const [method = '', path = ''] = route.split(' ');
    const headers = { authorization: `Bearer ${API_KEY}` };
    let shortestMs = Number.POSITIVE_INFINITY;
    // What else runs on the machine makes some tries longer.
    for (let tries = 0; tries < 5 && shortestMs >= MAX_STRETCH_MS; tries++) {
      server.clock.advance(60_000);
      const longestMs = await longestStretchMs(async () => {
        const { status } = await server.post(path, { method, body: full, headers });
        expect(status).toBeLessThan(500);
        expect(full.length === maxBytes || status !== 413 || path === '/send').toBe(true);
      });
      shortestMs = Math.min(shortestMs, longestMs);
    }
    expect(shortestMs).toBeLessThan(MAX_STRETCH_MS);
  });
});

/** CPU time of this thread in the longest turn of the event loop. */
async function longestStretchMs(work: () => Promise<void>): Promise<number> {
  let longestMs = 0;
  let isDone = false;
  let before = process.threadCpuUsage();
  const working = work().finally(() => {
    isDone = true;
  });
  for (;;) {
    const { user, system } = process.threadCpuUsage(before);
    longestMs = Math.max(longestMs, (user + system) / 1000);
    if (isDone) break;
    before = process.threadCpuUsage();
    await setImmediate();
  }
  await working;
  return longestMs;
}
