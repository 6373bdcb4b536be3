import { expect, test } from 'vitest';
import { recordingLogger, startedService } from '../fixtures/started-service.test-data.ts';
import { type ControlCall, callControl, get, post, pushText } from './control-request.test-data.ts';

const subscribe = (headers: Readonly<Record<string, string>> = {}): ControlCall => ({
  method: 'POST',
  json: {},
  headers,
});

test.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST', '127.0.0.2'])(
  'Host %s with its port is served',
  async (name) => {
    const { controlUrl } = await startedService();
    const host = `${name}:${new URL(controlUrl).port}`;
    expect(await callControl(controlUrl, '/', { headers: { host } })).toMatchObject({ status: 200 });
    expect(await callControl(controlUrl, '/api/subscriptions', subscribe({ host }))).toMatchObject({ status: 201 });
  },
);

test.each([
  ['a name that leads here', (port: string) => `attacker.example:${port}`],
  ['a name that begins like ours', (port: string) => `localhost.attacker.example:${port}`],
  ['another port', () => 'localhost:1'],
  ['no port', () => 'localhost'],
  ['an address of elsewhere', (port: string) => `192.0.2.1:${port}`],
  ['a user before it', (port: string) => `localhost:${port}@localhost:${port}`],
])('with %s as Host, everything is refused, the page too', async (_what, hostOf) => {
  const service = await startedService();
  const host = hostOf(new URL(service.controlUrl).port);
  for (const path of ['/', '/page.js', '/api/pushes', '/nothing']) {
    const refused = await callControl(service.controlUrl, path, { headers: { host } });
    expect(refused).toMatchObject({ status: 403, json: { error: { id: 'forbidden' } } });
  }
  expect(await callControl(service.controlUrl, '/api/subscriptions', subscribe({ host }))).toMatchObject({
    status: 403,
  });
  expect(service.subscriptions()).toEqual([]);
});

test.each([
  ['a foreign Origin', () => ({ origin: 'https://attacker.example' })],
  ['the Origin of another port', () => ({ origin: 'http://127.0.0.1:8787' })],
  ['our origin over https', (port: string) => ({ origin: `https://127.0.0.1:${port}` })],
  ['an Origin that is hidden', () => ({ origin: 'null' })],
  ['a cross-site request', () => ({ 'sec-fetch-site': 'cross-site' })],
  ['a same-site request, as from another port', () => ({ 'sec-fetch-site': 'same-site' })],
])('%s may change nothing', async (_what, headersOf) => {
  const service = await startedService();
  const subscription = service.createSubscription();
  await pushText(service, subscription, 'Hello');
  service.addFault({ type: 'drop' });
  const headers: Readonly<Record<string, string>> = headersOf(new URL(service.controlUrl).port);
  const changes: readonly [string, string][] = [
    ['POST', '/api/subscriptions'],
    ['POST', `/api/subscriptions/${subscription.id}/expire`],
    ['PUT', '/api/persona'],
    ['POST', '/api/pushes/1/resend'],
    ['DELETE', '/api/pushes'],
    ['DELETE', '/api/faults/1'],
    ['OPTIONS', '/api/faults'],
  ];
  for (const [method, path] of changes) {
    const refused = await callControl(service.controlUrl, path, { method, json: { persona: 'wns' }, headers });
    expect(refused).toMatchObject({ status: 403, json: { error: { id: 'forbidden' } } });
  }
  expect(service.subscriptions()).toMatchObject([{ isLive: true, persona: 'rfc8030' }]);
  expect([service.pushes().length, service.faults().length]).toEqual([1, 1]);
});

test('the page itself, and a program without Origin, may', async () => {
  const { controlUrl } = await startedService();
  const { origin } = new URL(controlUrl);
  const own = subscribe({ origin, 'sec-fetch-site': 'same-origin' });
  expect(await callControl(controlUrl, '/api/subscriptions', own)).toMatchObject({ status: 201 });
  expect(await callControl(controlUrl, '/api/subscriptions', subscribe())).toMatchObject({ status: 201 });
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', undefined])(
  'a body as %s, which any page may send, is not read',
  async (type) => {
    const service = await startedService();
    const headers = type === undefined ? {} : { 'content-type': type };
    const refused = await callControl(service.controlUrl, '/api/subscriptions', {
      method: 'POST',
      body: '{}',
      headers,
    });
    expect(refused).toMatchObject({ status: 415, json: { error: { id: 'unsupported-media-type' } } });
    expect(service.subscriptions()).toEqual([]);
  },
);

test('no answer may be read by another origin, framed, sniffed or kept, and the page runs its own scripts alone', async () => {
  const service = await startedService();
  const headers = { origin: 'https://attacker.example' };
  const answers = [
    await callControl(service.controlUrl, '/', { headers }),
    await callControl(service.controlUrl, '/page.js', { headers }),
    await callControl(service.controlUrl, '/api/pushes', { headers }),
    await callControl(service.controlUrl, '/nothing', { headers }),
    await callControl(service.controlUrl, '/api/faults', { method: 'OPTIONS', headers }),
  ];
  for (const { headers: answered } of answers) {
    expect(Object.keys(answered).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expect(answered).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
  }
});

test('HEAD of the page tells who waits for it that it is there', async () => {
  const service = await startedService();
  expect(await callControl(service.controlUrl, '/', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
});

test('the page has all that it asks for, and nothing inline', async () => {
  const service = await startedService();
  const { text: html, headers } = await get(service, '/');
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script(?![^>]* src=)/);
  const asked = new Set(Array.from(html.matchAll(/(?:src|href)="([^"]+)"/g), ([, path = '']) => path));
  for (const path of asked) {
    const { status, text, headers: answered } = await get(service, path);
    expect([path, status]).toEqual([path, 200]);
    if (!String(answered['content-type']).startsWith('text/javascript')) continue;
    for (const [, module = ''] of text.matchAll(/ from '\.(\/[^']+)'/g)) asked.add(module);
  }
  expect([...asked]).toEqual(expect.arrayContaining(['/style.css', '/icon.svg', '/page.js', '/element.js']));
});

test('no endpoint is in a list, an error, an event or the log', async () => {
  const logger = recordingLogger();
  const service = await startedService({ logger });
  const subscription = service.createSubscription({ persona: 'apple' });
  const [token = ''] = /[^/]+$/.exec(subscription.endpoint) ?? [];
  await pushText(service, subscription, 'Hello');
  await post(service, '/api/faults', { fault: { type: 'drop' }, subscription: subscription.endpoint });
  const { endpoint } = subscription;
  const shown = [
    await get(service, '/api/subscriptions'),
    await get(service, '/api/pushes'),
    await get(service, '/api/faults'),
    await post(service, '/api/expire', { endpoint: { endpoint } }),
    await post(service, '/api/expire', { endpoint: `${endpoint}?` }),
    await post(service, '/api/expire', { [endpoint]: endpoint }),
    await post(service, '/api/faults', { fault: { type: 'drop' }, subscription: `${endpoint}/x` }),
  ];
  const all = JSON.stringify([shown.map(({ text }) => text), logger.infos, logger.warnings]);
  expect(all).not.toContain(token);
});
