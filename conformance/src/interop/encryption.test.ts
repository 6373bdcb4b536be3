import { decrypt, encrypt, MAX_PLAINTEXT_BYTES } from '@belfry/protocol';
import fc from 'fast-check';
import httpEce from 'http_ece';
import { describe, expect, test } from 'vitest';
import webPush from 'web-push';
import { aUserAgent } from './a-user-agent.test-data.ts';

const agent = aUserAgent();

/** Every size at an edge, and any other with any content. */
const EDGES = [0, 1, MAX_PLAINTEXT_BYTES - 1, MAX_PLAINTEXT_BYTES];
const plaintexts = fc.uint8Array({ maxLength: MAX_PLAINTEXT_BYTES });
const edgeCases = EDGES.map((size): [Uint8Array] => [new Uint8Array(size).fill(0xa5)]);

/** Hex, because a difference in it is readable and comparing it is quick. */
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function opened(body: Uint8Array) {
  const result = decrypt({ body, privateKey: agent.ecdh.getPrivateKey(), auth: agent.auth });
  return result.ok ? hex(result.value) : result.error;
}

function openedByHttpEce(body: Uint8Array) {
  const options = { version: 'aes128gcm', privateKey: agent.ecdh, authSecret: agent.keys.auth } as const;
  return hex(httpEce.decrypt(Buffer.from(body), options));
}

describe('what Belfry encrypts', () => {
  test('is what http_ece decrypts, whatever the size', () => {
    fc.assert(
      fc.property(plaintexts, (plaintext) => {
        expect(openedByHttpEce(encrypt({ plaintext, ...agent }))).toBe(hex(plaintext));
      }),
      { examples: edgeCases },
    );
  });

  test('is what http_ece decrypts with padding, up to the largest body', () => {
    const plaintext = Buffer.from('Expense approved');
    for (const paddingBytes of [1, 100, MAX_PLAINTEXT_BYTES - plaintext.length]) {
      expect(openedByHttpEce(encrypt({ plaintext, paddingBytes, ...agent }))).toBe(hex(plaintext));
    }
  });
});

describe('what others encrypt', () => {
  test('with web-push is what Belfry decrypts, whatever the size', () => {
    fc.assert(
      fc.property(plaintexts, (plaintext) => {
        const { p256dh, auth } = agent.keys;
        const { cipherText } = webPush.encrypt(p256dh, auth, Buffer.from(plaintext), 'aes128gcm');
        expect(opened(cipherText)).toBe(hex(plaintext));
      }),
      { examples: edgeCases },
    );
  });

  test('with http_ece is what Belfry decrypts, with padding and with a record that fills its record size', () => {
    for (const { size, rs, pad } of [
      { size: 10, rs: 4096, pad: 500 },
      { size: 100, rs: 117, pad: 0 },
      { size: 1, rs: 18, pad: 0 },
    ]) {
      const plaintext = Buffer.alloc(size, 'x');
      expect(opened(encryptedByHttpEce({ plaintext, rs, pad }))).toBe(hex(plaintext));
    }
  });

  test('in two records is refused: RFC 8291 §4 allows one', () => {
    expect(opened(encryptedByHttpEce({ plaintext: Buffer.alloc(200), rs: 117, pad: 0 }))).toBe('malformed-body');
  });

  function encryptedByHttpEce({ plaintext, rs, pad }: { plaintext: Buffer; rs: number; pad: number }) {
    const sender = aUserAgent().ecdh;
    const { auth: authSecret, p256dh: dh } = agent.keys;
    return httpEce.encrypt(plaintext, { version: 'aes128gcm', privateKey: sender, authSecret, dh, rs, pad });
  }
});
