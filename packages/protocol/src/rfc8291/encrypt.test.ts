import { createECDH, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64Url, encodeBase64Url } from '../base64url.ts';
import { ProtocolError } from '../errors.ts';
import { decrypt } from './decrypt.ts';
import { encrypt } from './encrypt.ts';
import { RFC8291_VECTOR as vector } from './rfc8291-vector.test-data.ts';
import { parseAuthSecret, parseP256dh } from './subscription-keys.ts';

function userAgent() {
  const ecdh = createECDH('prime256v1');
  const p256dh = parseP256dh(encodeBase64Url(ecdh.generateKeys()));
  const auth = parseAuthSecret(encodeBase64Url(randomBytes(16)));
  if (!p256dh.ok || !auth.ok) throw new Error('a fresh subscription is well formed');
  return { p256dh: p256dh.value, auth: auth.value, privateKey: ecdh.getPrivateKey() };
}

function octets(text: string): Uint8Array {
  const bytes = decodeBase64Url(text);
  if (bytes === undefined) throw new Error('the vector is base64url');
  return bytes;
}

describe('RFC 8291 §5', () => {
  const p256dh = parseP256dh(vector.userAgentPublicKey);
  const auth = parseAuthSecret(vector.auth);
  if (!p256dh.ok || !auth.ok) throw new Error("the vector's keys are well formed");

  test("encrypting with the vector's key and salt gives its body, octet for octet", () => {
    const body = encrypt(
      { plaintext: Buffer.from(vector.plaintext), p256dh: p256dh.value, auth: auth.value },
      { salt: () => octets(vector.salt), privateKey: () => octets(vector.senderPrivateKey) },
    );
    expect(encodeBase64Url(body)).toBe(vector.body);
  });

  test("decrypting the vector's body gives its plaintext", () => {
    const opened = decrypt({
      body: octets(vector.body),
      privateKey: octets(vector.userAgentPrivateKey),
      auth: auth.value,
    });
    expect(opened.ok && Buffer.from(opened.value).toString()).toBe(vector.plaintext);
  });
});

describe('a message', () => {
  const agent = userAgent();

  test('comes back as it was, whatever its bytes and its padding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 0, max: 993 }), (plaintext, paddingBytes) => {
        const opened = decrypt({ ...agent, body: encrypt({ ...agent, plaintext, paddingBytes }) });
        expect(opened.ok && Buffer.from(opened.value).equals(plaintext)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('of 3993 bytes fills a body of 4096, and one byte more is refused', () => {
    expect(encrypt({ ...agent, plaintext: new Uint8Array(3993) })).toHaveLength(4096);
    expect(() => encrypt({ ...agent, plaintext: new Uint8Array(3994) })).toThrowError(
      expect.objectContaining({ code: 'payload-too-large', message: expect.stringContaining('3993') }),
    );
  });

  test('is as long as the padding makes it', () => {
    const lengths = ['a', 'a longer text'].map(
      (text) => encrypt({ ...agent, plaintext: Buffer.from(text), paddingBytes: 100 - text.length }).length,
    );
    expect(lengths).toEqual([203, 203]);
  });

  test.each([-1, 1.5, 3993])('is refused a padding of %d bytes', (paddingBytes) => {
    expect(() => encrypt({ ...agent, plaintext: Buffer.from('x'), paddingBytes })).toThrowError(ProtocolError);
  });

  test('has a salt and a key pair of its own each time', () => {
    const bodies = Array.from({ length: 50 }, () => encrypt({ ...agent, plaintext: Buffer.from('same') }));
    expect(new Set(bodies.map((body) => encodeBase64Url(body.subarray(0, 16)))).size).toBe(50);
    expect(new Set(bodies.map((body) => encodeBase64Url(body.subarray(21, 86)))).size).toBe(50);
  });
});

describe('decrypting', () => {
  const agent = userAgent();
  const body = encrypt({ ...agent, plaintext: Buffer.from('hello') });

  test('fails for another subscription', () => {
    expect(decrypt({ ...userAgent(), body })).toEqual({ ok: false, error: 'decryption-failed' });
  });

  test('fails when any one octet behind the record size was changed', () => {
    for (let at = 21; at < body.length; at++) {
      const changed = body.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(decrypt({ ...agent, body: changed }).ok).toBe(false);
    }
  });

  test('takes any bytes without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decrypt({ ...agent, body: bytes }).ok).toBe(false);
      }),
    );
  });

  test('refuses a record longer than the record size says, since RFC 8291 allows one record only', () => {
    const small = body.slice();
    new DataView(small.buffer).setUint32(16, 18, false);
    expect(decrypt({ ...agent, body: small })).toEqual({ ok: false, error: 'malformed-body' });
  });
});
