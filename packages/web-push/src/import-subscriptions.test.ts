import fc from 'fast-check';
import { expect, test } from 'vitest';
import { generateRequestDetails, type ImportOutcome, importSubscriptions } from './index.ts';
import { aUserAgent, ENDPOINT } from './user-agent.test-data.ts';

const { subscription } = aUserAgent();
const { keys } = subscription;
const imported = (row: unknown = subscription, index = 0): ImportOutcome => ({
  outcome: 'imported',
  index,
  subscription: { endpoint: ENDPOINT, expirationTime: null, keys },
  row,
});

const read = (source: string | Iterable<unknown>): ImportOutcome[] => [...importSubscriptions(source)];

test.each([
  ['a JSON array', JSON.stringify([subscription, subscription])],
  ['an indented JSON array', JSON.stringify([subscription, subscription], null, 2)],
  ['JSON lines', `${JSON.stringify(subscription)}\n\n${JSON.stringify(subscription)}\r\n`],
  ['objects', [subscription, subscription]],
  ['a set of JSON', new Set([JSON.stringify(subscription), ` ${JSON.stringify(subscription)}`])],
])('%s', (_name, source) => {
  expect(read(source)).toEqual([imported(), imported(subscription, 1)]);
});

test.each([
  ['one object, indented', JSON.stringify(subscription, null, 2)],
  ['a byte order mark', `\uFEFF${JSON.stringify(subscription)}`],
])('%s', (_name, text) => {
  expect(read(text)).toEqual([imported()]);
});

test.each([
  ['other fields', { ...subscription, userId: 7, createdAt: '2026-01-01' }],
  ['the subscription in a field', { userId: 7, subscription }],
  ['the subscription as JSON in a field', { user_id: 7, push_subscription: JSON.stringify(subscription) }],
  ['keys beside the endpoint', { id: 1, endpoint: ENDPOINT, ...keys }],
  ['keys as JSON', { id: 1, endpoint: ENDPOINT, keys: JSON.stringify(keys) }],
])('a row with %s, which is handed back', (_name, row) => {
  expect(read([row])).toEqual([imported(row)]);
});

test('keys in plain base64 with padding are rewritten as browsers write them', () => {
  const plain = (text: string): string => Buffer.from(text, 'base64url').toString('base64');
  const row = { endpoint: ENDPOINT, keys: { p256dh: plain(keys.p256dh), auth: plain(keys.auth) } };
  expect(read([row])).toEqual([imported(row)]);
});

test('an expiration time is kept', () => {
  const row = { ...subscription, expirationTime: 1_800_000_000_000 };
  expect(read([row])).toMatchObject([{ subscription: { expirationTime: 1_800_000_000_000 } }]);
});

test.each([
  ['invalid-json', '{"endpoint":'],
  ['no-subscription', 5],
  ['no-subscription', null],
  ['no-subscription', {}],
  ['no-subscription', { subscription: null }],
  ['invalid-endpoint', { ...subscription, endpoint: 'nowhere' }],
  ['invalid-endpoint', { ...subscription, endpoint: 5 }],
  ['invalid-endpoint', { ...subscription, endpoint: 'https://user:secret@push.example.net/1' }],
  ['endpoint-not-https', { ...subscription, endpoint: 'http://push.example.net/1' }],
  ['invalid-p256dh', { endpoint: ENDPOINT }],
  ['invalid-p256dh', { endpoint: ENDPOINT, keys: null }],
  ['invalid-p256dh', { endpoint: ENDPOINT, keys: { ...keys, p256dh: Buffer.alloc(65, 4).toString('base64url') } }],
  ['invalid-auth', { endpoint: ENDPOINT, keys: { p256dh: keys.p256dh } }],
  ['invalid-auth', { endpoint: ENDPOINT, keys: { ...keys, auth: 'AAAA' } }],
] as const)('%s, and the rows around it are read', (reason, row) => {
  const results = read([subscription, row, subscription]);
  expect(results).toEqual([imported(), { outcome: 'rejected', index: 1, reason }, imported(subscription, 2)]);
});

test('a broken line is one fault, and so is a broken array', () => {
  const line = JSON.stringify(subscription);
  expect(read(`${line}\n{"endpoint\n${line}`).map(({ outcome }) => outcome)).toEqual([
    'imported',
    'rejected',
    'imported',
  ]);
  expect(read(`[\n${line},\n${line}`)).toEqual([{ outcome: 'rejected', index: 0, reason: 'invalid-json' }]);
  expect(read(' ')).toEqual([]);
});

test('rows are read one at a time', () => {
  function* endless(): Generator {
    for (;;) yield subscription;
  }
  expect(importSubscriptions(endless()).next().value).toEqual(imported());
});

test('nothing in a row makes it throw; what is imported can be sent to', () => {
  const shaped = fc.record(
    {
      endpoint: fc.oneof(fc.anything(), fc.webUrl(), fc.constant(ENDPOINT)),
      keys: fc.oneof(
        fc.anything(),
        fc.record({
          p256dh: fc.oneof(fc.anything(), fc.constant(keys.p256dh)),
          auth: fc.oneof(fc.base64String(), fc.constant(keys.auth)),
        }),
      ),
      expirationTime: fc.anything(),
    },
    { requiredKeys: [] },
  );
  let count = 0;
  fc.assert(
    fc.property(fc.oneof(fc.anything({ withNullPrototype: true }), fc.json(), fc.string(), shaped), (row) => {
      for (const result of [...read([row]), ...(typeof row === 'string' ? read(row) : [])]) {
        if (result.outcome === 'rejected') continue;
        count++;
        expect(() => generateRequestDetails(result.subscription, 'hi')).not.toThrow();
      }
    }),
    { numRuns: 500, seed: 4, examples: [[subscription]] },
  );
  expect(count).toBeGreaterThan(0);
});

test('a rejected row’s content is in nothing that is said of it', () => {
  const row = {
    endpoint: 'https://push.example.net/secret-endpoint',
    keys: { p256dh: 'secret-key', auth: 'secret-auth' },
  };
  expect(JSON.stringify(read([row, JSON.stringify(row).slice(1)]))).not.toContain('secret');
});
