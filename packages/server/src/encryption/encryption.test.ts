import { createECDH, randomBytes } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import { branded, decrypt, type EncryptJob, type Encryptor, typescriptEncryptor } from '@belfry/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { gatherJobs } from './gather-jobs.ts';
import { FakeClock } from '../testing/fake-clock.test-data.ts';
import { createThreadEncryptor } from './thread-encryptor.ts';

const userAgent = createECDH('prime256v1');
const p256dh: EncryptJob['p256dh'] = branded(new Uint8Array(userAgent.generateKeys()));
const auth: EncryptJob['auth'] = branded(new Uint8Array(randomBytes(16)));

const jobOf = (text: string): EncryptJob => ({ plaintext: Buffer.from(text), p256dh, auth });

function threadEncryptor(threadCount: number) {
  const clock = new FakeClock();
  const log: string[] = [];
  const write = (text: string): void => void log.push(text);
  const logger = { info: write, warn: write, error: write };
  return { clock, log, encryptor: createThreadEncryptor({ threadCount, clock, logger }) };
}

function textOf(body: Uint8Array): string {
  const opened = decrypt({ body, privateKey: userAgent.getPrivateKey(), auth });
  if (!opened.ok) throw new Error(opened.error);
  return Buffer.from(opened.value).toString();
}

test.each([1, 8, 9, 100])('threads answer %d jobs in their order', async (count) => {
  const encryptor = threadEncryptor(2).encryptor;
  onTestFinished(() => encryptor.close());
  const texts = Array.from({ length: count }, (_, index) => `message ${index}`);
  expect((await encryptor.encrypt(texts.map(jobOf))).map(textOf)).toEqual(texts);
});

test('what threads were asked when they are closed is rejected, and what comes later too', async () => {
  const encryptor = threadEncryptor(1).encryptor;
  const jobs = Array.from({ length: 20 }, () => jobOf('x'));
  const asked = encryptor.encrypt(jobs);
  asked.catch(() => {});
  await encryptor.close();
  await expect(asked).rejects.toThrow('closed');
  await expect(encryptor.encrypt(jobs)).rejects.toThrow('closed');
});

test('threads that ended are replaced after a while, a fault is told, and nothing waits for them', async () => {
  const threads: Worker[] = [];
  const keep = (worker: Worker): void => void threads.push(worker);
  process.on('worker', keep);
  onTestFinished(() => void process.off('worker', keep));
  const { clock, log, encryptor } = threadEncryptor(2);
  onTestFinished(() => encryptor.close());
  const texts = Array.from({ length: 40 }, (_, index) => `message ${index}`);
  const jobs = texts.map(jobOf);
  const encrypted = async () => (await encryptor.encrypt(jobs)).map(textOf);
  expect(await encrypted()).toEqual(texts);
  expect(threads).toHaveLength(2);

  const asked = encryptor.encrypt(jobs);
  await Promise.allSettled([asked, ...threads.map((thread) => thread.terminate())]);
  expect(log).toHaveLength(2);
  // Encrypted here, without a new thread for each call.
  expect(await encrypted()).toEqual(texts);
  expect(await encrypted()).toEqual(texts);
  expect(threads).toHaveLength(2);

  clock.advance(1000);
  expect(await encrypted()).toEqual(texts);
  expect(threads).toHaveLength(4);
});

/** An encryptor that says how many jobs each call had. */
function counting(): { readonly encryptor: Encryptor; readonly calls: number[] } {
  const calls: number[] = [];
  const encrypt: Encryptor['encrypt'] = (jobs) => {
    calls.push(jobs.length);
    return typescriptEncryptor.encrypt(jobs);
  };
  return { calls, encryptor: { name: 'typescript', encrypt } };
}

test('what is asked at the same time is encrypted in one call, and each has its own', async () => {
  const { encryptor, calls } = counting();
  const encrypt = gatherJobs(encryptor, 2);
  const texts = ['one', 'two', 'three'];
  expect((await Promise.all(texts.map((text) => encrypt(jobOf(text))))).map(textOf)).toEqual(texts);
  expect(textOf(await encrypt(jobOf('later')))).toBe('later');
  expect(calls).toEqual([3, 1]);
});

test('a message that is too large is refused alone', async () => {
  const { encryptor, calls } = counting();
  const encrypt = gatherJobs(encryptor, 2);
  const asked = Promise.allSettled([encrypt(jobOf('x'.repeat(3994))), encrypt(jobOf('small'))]);
  expect((await asked).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(calls).toEqual([1]);
});

test('one message that cannot be encrypted does not take others with it', async () => {
  const encrypt = gatherJobs(
    {
      name: 'native',
      async encrypt(jobs) {
        if (jobs.some(({ plaintext }) => Buffer.from(plaintext).toString() === 'bad')) throw new Error('a bad key');
        return await typescriptEncryptor.encrypt(jobs);
      },
    },
    2,
  );
  const asked = await Promise.allSettled(['good', 'bad', 'good too'].map((text) => encrypt(jobOf(text))));
  expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('a failure of the encryptor is told to each that waits', async () => {
  const encrypt = gatherJobs({ name: 'native', encrypt: () => Promise.reject(new Error('out of memory')) }, 2);
  const asked = await Promise.allSettled([encrypt(jobOf('a')), encrypt(jobOf('b'))]);
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('what is for a user does not wait for what is for a broadcast, which has so many calls at once', async () => {
  const held: (() => void)[] = [];
  const sizes: number[] = [];
  const encrypt = gatherJobs(
    {
      name: 'native',
      async encrypt(jobs) {
        sizes.push(jobs.length);
        const { promise, resolve } = Promise.withResolvers<void>();
        if (jobs.length > 1) held.push(resolve);
        else resolve();
        await promise;
        return await typescriptEncryptor.encrypt(jobs);
      },
    },
    2,
  );
  const broadcast = Promise.all(Array.from({ length: 100 }, () => encrypt(jobOf('to all'), { priority: 'broadcast' })));
  await new Promise(setImmediate);
  expect(textOf(await encrypt(jobOf('for you')))).toBe('for you');
  expect(sizes).toEqual([16, 16, 1]);
  while (held.length > 0) {
    held.shift()?.();
    await new Promise(setImmediate);
  }
  expect(await broadcast).toHaveLength(100);
});

test('a message to one device waits for a page of another message, however many devices that has', async () => {
  const { encryptor, calls } = counting();
  const encrypt = gatherJobs(encryptor, 2);
  let done = 0;
  const large = Promise.all(
    Array.from({ length: 1_000 }, async () => {
      await encrypt(jobOf('large'), { flow: 1 });
      done += 1;
    }),
  );
  expect(textOf(await encrypt(jobOf('small'), { flow: 2 }))).toBe('small');
  expect(done).toBeLessThanOrEqual(200);
  await large;
  expect(Math.max(...calls)).toBe(200);
});
