import { branded, isPushServiceHost, parseEndpoint } from '@belfry/protocol';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseResource } from '../endpoint/resource.ts';
import type { EndpointToken } from '../identifiers.ts';
import type { PersonaName } from './persona.ts';
import { ORIGINS_WITH_PERSONA, PERSONA_ORIGINS, personaEndpoint } from './persona-origins.ts';

const token: EndpointToken = branded('A-_'.repeat(14).concat('Z'));
const localOrigin = 'https://localhost:8789';
const endpointOf = (persona: PersonaName) => personaEndpoint(persona, { localOrigin, token });

const rows: readonly (readonly [PersonaName, string])[] = [
  ['rfc8030', `https://localhost:8789/wpush/v2/${token}`],
  ['fcm', `https://fcm.googleapis.com/fcm/send/${token}`],
  ['mozilla', `https://updates.push.services.mozilla.com/wpush/v2/${token}`],
  ['apple', `https://web.push.apple.com/${token}`],
];

test.each(rows)('an endpoint of %s is %s', (persona, endpoint) => expect(endpointOf(persona)).toBe(endpoint));

test("an endpoint of WNS is long, has escapes in lower case, and ends with the service's token", () => {
  const endpoint = endpointOf('wns');
  expect(endpoint).toMatch(/^https:\/\/wns2-par02p\.notify\.windows\.com\/w\/\?token=BQYAAAC/);
  expect(endpoint.endsWith(token)).toBe(true);
  expect(endpoint.length).toBeGreaterThan(255);
  expect(endpoint).toMatch(/%2b.*%2f/);
});

test.each(['rfc8030', 'fcm', 'mozilla', 'apple', 'wns'] as const)(
  'an endpoint of %s is one to a sender, byte for byte, and leads to its subscription',
  (persona) => {
    const endpoint = endpointOf(persona);
    expect(parseEndpoint(endpoint)).toEqual({ ok: true, value: endpoint });
    const { pathname, search } = new URL(endpoint);
    expect(parseResource(pathname + search)).toEqual({ type: 'subscription', token });
  },
);

test.each([
  ['decoded', (path: string) => decodeURIComponent(path)],
  ['with its escapes in upper case', (path: string) => path.replaceAll('%2b', '%2B').replaceAll('%2f', '%2F')],
  ['encoded twice', (path: string) => path.replaceAll('%', '%25')],
  ['cut off at 255 characters', (path: string) => path.slice(0, 255)],
  ['with something behind it', (path: string) => `${path}&x`],
])('an endpoint of WNS leads nowhere when it is %s', (_how, change) => {
  const { pathname, search } = new URL(endpointOf('wns'));
  expect(parseResource(change(pathname + search))).toBeUndefined();
});

test('a path of one segment is an endpoint if it has the 43 characters of a token, and no others', () => {
  for (const path of ['/', '/favicon.ico', `/${token}/`, `/${token}x`, `/${token.slice(1)}`, `//${token}`]) {
    expect(parseResource(path)).toBeUndefined();
  }
});

test('whatever the path, what it leads to is made of the base64url alphabet', () => {
  const segment = fc.constantFrom('/', 'w', 'm', 'r', 'wp', 'fcm', 'send', '?token=', token, '%2b', '..');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(segment).map((parts) => parts.join('')),
      ),
      (path) => {
        const resource = parseResource(path);
        const name = resource?.type === 'message' ? resource.id : resource?.token;
        expect(name ?? '').toMatch(/^[A-Za-z0-9_-]*$/);
      },
    ),
  );
});

test("each origin is one of a push service's, and those with a persona have their own", () => {
  for (const origin of Object.values(PERSONA_ORIGINS)) expect(isPushServiceHost(new URL(origin).hostname)).toBe(true);
  expect(ORIGINS_WITH_PERSONA.map(([origin, { name }]) => [name, origin])).toEqual([
    ['mozilla', PERSONA_ORIGINS.mozilla],
    ['apple', PERSONA_ORIGINS.apple],
    ['wns', PERSONA_ORIGINS.wns],
  ]);
});
