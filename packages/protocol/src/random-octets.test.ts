import { createECDH } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { branded } from './brand.ts';
import { parseEndpoint } from './rfc8030/endpoint.ts';
import { parseTopic } from './rfc8030/topic.ts';
import { parseTtl } from './rfc8030/ttl.ts';
import { parseUrgency } from './rfc8030/urgency.ts';
import { readContentHeader } from './rfc8188/content-header.ts';
import { decrypt } from './rfc8291/decrypt.ts';
import { parseAuthSecret, parseP256dh } from './rfc8291/subscription-keys.ts';
import { parseSubject } from './rfc8292/subject.ts';
import { parseVapidAuthorization } from './rfc8292/vapid-authorization.ts';
import { parseVapidKeys, parseVapidPublicKey } from './rfc8292/vapid-keys.ts';

const userAgent = createECDH('prime256v1');
userAgent.generateKeys();
const keys = {
  privateKey: userAgent.getPrivateKey(),
  auth: branded<Uint8Array<ArrayBuffer>, 'AuthSecret'>(new Uint8Array(16)),
};

/** Every parser of what a stranger sends, fed with octets, or with the text that they are. */
const PARSERS: Readonly<Record<string, (octets: Uint8Array, text: string) => unknown>> = {
  'an endpoint': (_octets, text) => parseEndpoint(text),
  'a topic': (_octets, text) => parseTopic(text),
  'a TTL': (_octets, text) => parseTtl(text),
  'an urgency': (_octets, text) => parseUrgency(text),
  'a content header': (octets) => readContentHeader(octets),
  'a p256dh': (octets, text) => [parseP256dh(text), parseP256dh(Buffer.from(octets).toString('base64url'))],
  'an auth secret': (_octets, text) => parseAuthSecret(text),
  'a subject': (_octets, text) => parseSubject(text),
  'an Authorization': (_octets, text) => parseVapidAuthorization(text),
  'a VAPID public key': (_octets, text) => parseVapidPublicKey(text),
  'VAPID keys': (_octets, text) => parseVapidKeys({ publicKey: text, privateKey: text }),
};

const octets = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.uint8Array({ minLength: 65, maxLength: 65 }),
  fc.string().map((text) => Buffer.from(`vapid t=${text}, k=${text}`)),
  fc.string().map((text) => Buffer.from(`https://${text}`)),
  fc.string().map((text) => Buffer.from(`mailto:${text}`)),
);

test('100,000 random byte strings are parsed or refused by each parser: none throws', () => {
  const result = fc.check(
    fc.property(octets, (bytes) => {
      const text = Buffer.from(bytes).toString('utf8');
      for (const [name, parse] of Object.entries(PARSERS)) {
        try {
          parse(bytes, text);
        } catch (error) {
          throw new Error(`${name} made its parser throw`, { cause: error });
        }
      }
    }),
    { numRuns: 100_000 },
  );
  expect(result.failed ? fc.defaultReportMessage(result) : undefined).toBeUndefined();
}, 60_000);

test('random bodies behind a good header, with any key, are not decrypted, and nothing throws', () => {
  const point = fc.oneof(fc.constant(userAgent.getPublicKey()), fc.uint8Array({ minLength: 65, maxLength: 65 }));
  const headed = fc
    .tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), point, fc.uint8Array({ maxLength: 200 }))
    .map(([salt, key, rest]) => Buffer.concat([salt, Uint8Array.of(0, 0, 16, 0, 65), key, rest]));
  const result = fc.check(
    fc.property(fc.oneof(headed, fc.uint8Array({ maxLength: 300 })), (body) => !decrypt({ body, ...keys }).ok),
    // An ECDH each, about 0.1 ms: fewer.
    { numRuns: 20_000 },
  );
  expect(result.failed ? fc.defaultReportMessage(result) : undefined).toBeUndefined();
}, 60_000);
