import fc from 'fast-check';
import { expect, test } from 'vitest';
import { branded } from '../brand.ts';
import { isPushServiceHost } from '../push-services/push-service-hosts.ts';
import { endpointOrigin, endpointPath, parseEndpoint } from './endpoint.ts';
import { createPushRequest, type PushRequestOptions } from './push-request.ts';

test('an endpoint is kept byte for byte', () => {
  const text = 'https://wns2-db3p.notify.windows.com/w/?token=BQYAAAB%2bx%2F=';
  expect(parseEndpoint(text)).toEqual({ ok: true, value: text });
});

test('origin and path of an endpoint are those of its URL, whatever host, port, path and query it has', () => {
  const urls = fc.webUrl({
    validSchemes: ['https'],
    withQueryParameters: true,
    authoritySettings: { withPort: true, withIPv6: true },
  });
  fc.assert(
    fc.property(urls, (text) => {
      const url = new URL(text);
      const endpoint = parseEndpoint(url.href);
      if (!endpoint.ok) throw new Error(endpoint.error);
      expect(endpointOrigin(endpoint.value)).toBe(url.origin);
      // Also a question mark with nothing behind it, which `search` drops.
      expect(url.origin + endpointPath(endpoint.value)).toBe(url.href);
    }),
  );
});

test.each([
  ['', 'invalid-endpoint'],
  ['notaurl', 'invalid-endpoint'],
  ['/relative', 'invalid-endpoint'],
  ['https://user:secret@push.example.net/x', 'invalid-endpoint'],
  ['https://push.example.net/x#fragment', 'invalid-endpoint'],
  ['https://push.example.net/x#', 'invalid-endpoint'],
  [' https://push.example.net/x', 'invalid-endpoint'],
  ['https://PUSH.example.net/x', 'invalid-endpoint'],
  ['https://push.example.net:443/x', 'invalid-endpoint'],
  ['https://push.example.net/a/../x', 'invalid-endpoint'],
  ['https://push.example.net/x\n', 'invalid-endpoint'],
  [`https://push.example.net/${'x'.repeat(2048)}`, 'invalid-endpoint'],
  ['http://push.example.net/x', 'endpoint-not-https'],
  ['ftp://push.example.net/x', 'endpoint-not-https'],
])('the endpoint "%.40s" is refused: %s', (text, error) => {
  expect(parseEndpoint(text)).toEqual({ ok: false, error });
});

test('a push request has TTL, length and token, and names its encoding only where there is a body', () => {
  const options: PushRequestOptions = {
    endpoint: branded('https://push.example.net/w/?t=a%2bb'),
    ttl: branded(60),
    authorization: 'vapid …',
  };
  expect(createPushRequest(options)).toEqual({
    origin: 'https://push.example.net',
    path: '/w/?t=a%2bb',
    headers: { ttl: '60', authorization: 'vapid …', 'content-length': '0' },
    body: new Uint8Array(),
  });
  const full = createPushRequest({ ...options, body: new Uint8Array(200), urgency: 'high', topic: branded('chat') });
  expect(full.headers).toEqual({
    ttl: '60',
    urgency: 'high',
    topic: 'chat',
    authorization: 'vapid …',
    'content-length': '200',
    'content-encoding': 'aes128gcm',
    'content-type': 'application/octet-stream',
  });
});

test('a host is on the list as a whole name, or below a wildcard', () => {
  expect(isPushServiceHost('fcm.googleapis.com')).toBe(true);
  expect(isPushServiceHost('web.push.apple.com')).toBe(true);
  for (const host of [
    'push.apple.com',
    'api.push.apple.com',
    'evil-push.apple.com.example',
    'evilpush.apple.com',
    'x.fcm.googleapis.com',
  ]) {
    expect(isPushServiceHost(host)).toBe(false);
  }
});
