import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aDevice } from '../a-device.test-data.ts';
import { broadcast, leaseAll, leaseOne, readPage, saveDevices } from '../contract/broadcast.test-data.ts';
import type { StoreError } from '../errors.ts';
import type { Store } from '../store.ts';
import { startOther } from './other-process.test-data.ts';
import { sqlite } from './sqlite.ts';

let folder: string;
let path: string;
let store: Store;
let faults: StoreError[];
/** All threads that were started, in order. */
let threads: Worker[];
const keep = (worker: Worker): void => void threads.push(worker);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belfry-threads-'));
  path = join(folder, 'belfry.db');
  faults = [];
  threads = [];
  process.on('worker', keep);
  store = await sqlite(path)({ onFault: (fault) => faults.push(fault) });
});
afterEach(async () => {
  process.off('worker', keep);
  await store.close();
  await rm(folder, { recursive: true });
});

/** Asks until it is answered, as the loops of the server do. */
async function untilAnswered<Result>(ask: () => Promise<Result>): Promise<Result> {
  let answer: { readonly result: Result } | undefined;
  await expect
    .poll(
      async () => {
        answer = { result: await ask() };
      },
      { timeout: 60_000 },
    )
    .toBeUndefined();
  if (answer === undefined) throw new Error('it was not answered');
  return answer.result;
}

test('a reading thread that died is replaced, and a fault is told', async () => {
  await saveDevices(store, 3);
  await broadcast(store);
  const lease = await leaseOne(store);
  expect(await readPage(store, lease)).toHaveLength(3);
  for (let died = 1; died <= 3; died += 1) {
    await threads.at(-1)?.terminate();
    expect(await untilAnswered(() => readPage(store, lease))).toHaveLength(3);
    expect(faults).toHaveLength(died);
  }
  expect(faults[0]).toMatchObject({ code: 'store-failed', message: expect.stringContaining('broke down') });
  expect(threads).toHaveLength(5);
});

test('a writing thread that died is replaced: its calls fail, and what was leased is due again', async () => {
  await saveDevices(store, 3);
  await broadcast(store);
  await leaseOne(store);
  const works: string[] = [];
  store.onWork(() => works.push('work'));
  const [writer] = threads;
  const saving = Array.from({ length: 50 }, () => store.saveDevice(aDevice()));
  const settled = Promise.allSettled(saving);
  if (writer !== undefined) await Promise.all([writer.terminate(), once(writer, 'exit')]);
  const codes = (await settled).map((one) =>
    one.status === 'rejected' ? String(one.reason) : 'StoreError: A thread of',
  );
  for (const code of codes) expect(code).toMatch(/^StoreError: A thread of/v);
  await untilAnswered(() => store.saveDevice(aDevice()));
  expect(await leaseAll(store)).toHaveLength(1);
  expect(works).toEqual(['work']);
  expect(faults.length).toBeGreaterThan(0);
  expect(await sqlite(path)().catch((error: unknown) => error)).toMatchObject({ code: 'store-in-use' });
});

test('without descriptors broadcasts wait, and go on once there are some', { timeout: 120_000 }, async () => {
  const other = startOther({ shell: 'ulimit -n 60' });
  expect(await other.ask('open', join(folder, 'other.db'))).toBeNull();
  await other.ask('useDescriptors', path);
  expect(await other.ask('timeZones', path)).toMatch(/^store-failed/);
  await other.ask('freeDescriptors', path);
  await expect.poll(() => other.ask('timeZones', path), { timeout: 60_000 }).toEqual([]);
  await other.kill();
});
