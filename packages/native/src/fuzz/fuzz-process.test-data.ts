import { createECDH, randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { branded, decrypt } from '@belfry/protocol';
import fc from 'fast-check';
import { loadAddon } from '../addon.ts';
import { nativeEncryptor } from '../load-native-encryptor.ts';
import { packJobs } from '../pack-jobs.ts';
import { hostileBatches } from './hostile-batches.test-data.ts';

// Run by fuzz-native.ts, with a sanitized addon: whatever this finds ends the process.

const [file = '', rounds = '2000', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
const addon = loadAddon(file);
if (addon === undefined) throw new Error('the sanitized addon cannot be loaded');
const { encryptBatch } = addon;
const settings = { numRuns: Number(rounds), seed: Number(seed), endOnFailure: true };
console.log(`${settings.numRuns} rounds each, seed ${settings.seed}`);

const ecdh = createECDH('prime256v1');
const keys = {
  p256dh: branded<Buffer<ArrayBuffer>, 'P256dh'>(Buffer.from(ecdh.generateKeys())),
  auth: branded<Buffer<ArrayBuffer>, 'AuthSecret'>(randomBytes(16)),
};
const job = fc.record({
  plaintext: fc.uint8Array({ maxLength: 3000, size: 'max' }),
  paddingBytes: fc.integer({ min: 0, max: 993 }),
});
const jobs = fc.array(job, { minLength: 1, maxLength: 40, size: 'max' });

// 1. What is well formed comes back as it was.
const encryptor = nativeEncryptor(addon);
const comesBack = fc.asyncProperty(jobs, async (sizes) => {
  const bodies = await encryptor.encrypt(sizes.map((size) => ({ ...size, ...keys })));
  for (const [at, { plaintext }] of sizes.entries()) {
    const opened = decrypt({ body: bodies[at] ?? Buffer.of(), privateKey: ecdh.getPrivateKey(), auth: keys.auth });
    if (!opened.ok || !Buffer.from(opened.value).equals(plaintext)) return false;
  }
  return true;
});
await fc.assert(comesBack, { ...settings, numRuns: Math.ceil(settings.numRuns / 10) });
console.log('well-formed jobs: done');

// 2. What is not is an error; and no call disturbs those beside it, whatever becomes of its memory meanwhile.
const answers = { encrypted: 0, refused: 0, rejected: 0 };
async function call(value: unknown, afterwards: () => void): Promise<keyof typeof answers> {
  let bodies: Promise<Uint8Array>;
  try {
    bodies = Reflect.apply(encryptBatch, undefined, [value]);
  } catch {
    return 'refused';
  } finally {
    afterwards();
  }
  return bodies.then(
    () => 'encrypted',
    () => 'rejected',
  );
}
const hostile = fc.asyncProperty(
  fc.array(hostileBatches(packJobs([{ ...keys, plaintext: randomBytes(50), paddingBytes: 3 }]).packed), {
    minLength: 1,
    maxLength: 8,
  }),
  async (batches) => {
    const calls = batches.map(async ({ value, afterwards }) => {
      const answer = await call(value, afterwards);
      answers[answer]++;
    });
    await Promise.all(calls);
  },
);
await fc.assert(hostile, { ...settings, numRuns: settings.numRuns * 10 });
console.log('hostile batches: done', answers);

// 3. A thread that is ended while its batches are on their way.
const batch = packJobs(Array.from({ length: 32 }, () => ({ ...keys, plaintext: randomBytes(200) }))).packed;
const source = `
  const { workerData: { file, batch }, parentPort } = require('node:worker_threads');
  const addon = require(file);
  for (let i = 0; i < 8; i++) addon.encryptBatch(batch).catch(() => {});
  parentPort.postMessage('started');
`;
for (let i = 0; i < 30; i++) {
  const worker = new Worker(source, { eval: true, workerData: { file, batch } });
  await new Promise((resolve) => worker.once('message', resolve));
  await worker.terminate();
}
console.log('ended threads: done');

// 4. Memory does not grow: a batch that is not freed would be 8 kB a call.
const rssAfterCalls = async () => {
  for (let i = 0; i < 1000; i++) {
    await addon.encryptBatch(batch);
    await addon.encryptBatch(offCurve).catch(() => {});
    try {
      await addon.encryptBatch(batch.subarray(1));
    } catch {}
  }
  globalThis.gc?.();
  return process.memoryUsage().rss;
};
const offCurve = Buffer.from(batch).fill(1, 1, 65);
for (let warmUp = 0; warmUp < 2; warmUp++) await rssAfterCalls();
const before = await rssAfterCalls();
const grownBytes = (await rssAfterCalls()) - before;
console.log('growth of memory:', grownBytes, 'bytes in 3,000 calls');
if (grownBytes > 8_000_000) throw new Error('the addon loses memory');
