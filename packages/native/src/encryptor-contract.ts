import { createECDH, type ECDH, randomBytes } from 'node:crypto';
import {
  type AuthSecret,
  branded,
  decrypt,
  type EncryptJob,
  type Encryptor,
  encodeBase64Url,
  type P256dh,
  ProtocolError,
  parseAuthSecret,
  parseP256dh,
  readContentHeader,
} from '@belfry/protocol';
import fc from 'fast-check';
import httpEce from 'http_ece';
import { describe, expect, test } from 'vitest';

interface Subscription {
  readonly p256dh: P256dh;
  readonly auth: AuthSecret;
  readonly ecdh: ECDH;
}

/** The user agent of RFC 8291 §5. */
const RFC_USER_AGENT = { privateKey: 'q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94', auth: 'BTBZMqHH6r4Tts7J_aSIgg' };
const RFC_PLAINTEXT = 'When I grow up, I want to be a watermelon';

function subscription(privateKey = randomBytes(32), authSecret = encodeBase64Url(randomBytes(16))): Subscription {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(privateKey);
  const p256dh = parseP256dh(ecdh.getPublicKey('base64url'));
  const auth = parseAuthSecret(authSecret);
  if (!p256dh.ok || !auth.ok) throw new Error('these keys are well formed');
  return { p256dh: p256dh.value, auth: auth.value, ecdh };
}

function opened({ ecdh, auth }: Subscription, body: Uint8Array | undefined): Buffer {
  const plaintext = decrypt({ body: body ?? Buffer.of(), privateKey: ecdh.getPrivateKey(), auth });
  if (!plaintext.ok) throw new Error(plaintext.error);
  return Buffer.from(plaintext.value);
}

function openedByHttpEce({ ecdh, auth }: Subscription, body: Uint8Array | undefined): Buffer {
  const options = { version: 'aes128gcm', privateKey: ecdh, authSecret: encodeBase64Url(auth) } as const;
  return httpEce.decrypt(Buffer.from(body ?? []), options);
}

/** What every `Encryptor` does, in whatever it is written. */
export function encryptorContract(encryptor: Encryptor): void {
  describe(`the encryptor contract on ${encryptor.name}`, () => {
    const alice = subscription();
    const one = async (job: EncryptJob) => (await encryptor.encrypt([job]))[0];

    test("what it encrypts for RFC 8291's user agent, both decrypt and http_ece can read", async () => {
      const agent = subscription(Buffer.from(RFC_USER_AGENT.privateKey, 'base64url'), RFC_USER_AGENT.auth);
      const body = await one({ ...agent, plaintext: Buffer.from(RFC_PLAINTEXT) });
      expect(opened(agent, body).toString()).toBe(RFC_PLAINTEXT);
      expect(openedByHttpEce(agent, body).toString()).toBe(RFC_PLAINTEXT);
      expect(body).toHaveLength(144);
    });

    test('each job comes back in its place, whatever the bytes, the padding, the keys and how many', async () => {
      const job = fc.record({
        plaintext: fc.uint8Array({ maxLength: 3000 }),
        paddingBytes: fc.integer({ min: 0, max: 993 }),
      });
      const check = async (sizes: readonly { plaintext: Uint8Array; paddingBytes: number }[]) => {
        const jobs = sizes.map((size) => ({ ...size, ...subscription() }));
        const bodies = await encryptor.encrypt(jobs);
        expect(bodies).toHaveLength(jobs.length);
        for (const [at, expected] of jobs.entries()) {
          const { plaintext, paddingBytes } = expected;
          expect(bodies[at]).toHaveLength(103 + plaintext.length + paddingBytes);
          expect(opened(expected, bodies[at]).equals(plaintext)).toBe(true);
          expect(openedByHttpEce(expected, bodies[at]).equals(plaintext)).toBe(true);
        }
      };
      await fc.assert(fc.asyncProperty(fc.array(job, { maxLength: 8 }), check), { numRuns: 25 });
      await check(fc.sample(job, 100));
    });

    test('many calls at once do not get in the way of each other', async () => {
      const texts = Array.from({ length: 150 }, (_, at) => `message ${at}`);
      const bodies = await Promise.all(texts.map((text) => one({ ...alice, plaintext: Buffer.from(text) })));
      expect(bodies.map((body) => opened(alice, body).toString())).toEqual(texts);
    });

    test('what the caller does to the plaintext afterwards changes nothing', async () => {
      const plaintext = Buffer.from('as it was');
      const body = one({ ...alice, plaintext });
      plaintext.fill(0);
      expect(opened(alice, await body).toString()).toBe('as it was');
    });

    test('each message has a salt and a key pair of its own, and says 4096 as its record size', async () => {
      const jobs = Array.from({ length: 300 }, () => ({ ...alice, plaintext: Buffer.from('same') }));
      const headers = (await encryptor.encrypt(jobs)).map((body) => {
        const header = readContentHeader(body);
        if (!header.ok) throw new Error(header.error);
        return header.value;
      });
      expect(new Set(headers.map(({ salt }) => encodeBase64Url(salt))).size).toBe(300);
      expect(new Set(headers.map(({ senderPublicKey }) => encodeBase64Url(senderPublicKey))).size).toBe(300);
      expect(new Set(headers.map(({ recordSize }) => recordSize))).toEqual(new Set([4096]));
    });

    test('no jobs are no bodies', async () => {
      expect(await encryptor.encrypt([])).toEqual([]);
    });

    test.each([
      ['3993 bytes', { plaintext: new Uint8Array(3993) }],
      ['3993 bytes of padding', { plaintext: new Uint8Array(0), paddingBytes: 3993 }],
    ])('%s fill a body of 4096', async (_what, job) => {
      expect(await one({ ...alice, ...job })).toHaveLength(4096);
    });

    test.each([
      ['3994 bytes', { plaintext: new Uint8Array(3994) }, 'payload-too-large'],
      ['padding below 0', { paddingBytes: -1 }, 'padding-too-large'],
      ['half a byte of padding', { paddingBytes: 1.5 }, 'padding-too-large'],
      ['padding beyond the largest body', { paddingBytes: 3993 }, 'padding-too-large'],
      ['padding beyond 16 bits', { paddingBytes: 65_536 }, 'padding-too-large'],
    ])('%s are refused, and all jobs beside them', async (_what, change, code) => {
      const job = { ...alice, plaintext: Buffer.from('x') };
      const refused = encryptor.encrypt([job, { ...job, ...change }]);
      await expect(refused).rejects.toThrow(ProtocolError);
      await expect(refused).rejects.toMatchObject({ code });
    });

    // Only a forged brand gets here: none of it may crash, or come out as a message.
    const point = Buffer.from(alice.p256dh);
    test.each([
      ['a point off the curve', { p256dh: changed(point, 64) }],
      ['the point at infinity', { p256dh: Buffer.alloc(65).fill(4, 0, 1) }],
      ['a coordinate beyond the field', { p256dh: Buffer.alloc(65, 0xff).fill(4, 0, 1) }],
      ['a point of 64 bytes', { p256dh: point.subarray(0, 64) }],
      ['no point', { p256dh: Buffer.of() }],
    ])('%s is an error', async (_what, { p256dh }) => {
      const job = { ...alice, p256dh: branded<Buffer<ArrayBuffer>, 'P256dh'>(p256dh), plaintext: Buffer.from('x') };
      await expect(encryptor.encrypt([job])).rejects.toThrow(Error);
      const after = await one({ ...alice, plaintext: Buffer.from('still well') });
      expect(opened(alice, after).toString()).toBe('still well');
    });
  });
}

function changed(bytes: Buffer<ArrayBuffer>, at: number): Buffer<ArrayBuffer> {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
