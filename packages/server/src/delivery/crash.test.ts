import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { subscribeAtSink } from '../testing/push-sink.test-data.ts';
import { startTestBelfry, type TestBelfry } from '../testing/test-belfry.test-data.ts';

let server: TestBelfry;
beforeEach(async () => {
  server = await startTestBelfry();
});
afterEach(() => server.close());

const PROGRAM = new URL('../testing/server-process.test-data.ts', import.meta.url).pathname;

test('what notify() returned for is sent after kill -9, by the next process', async () => {
  const device = subscribeAtSink();
  await server.post('/subscribe', { body: device.subscription });
  await server.belfry.close();

  server.sink.answer = () => 'never';
  const args = ['--conditions=@belfry/source', PROGRAM, server.path, JSON.stringify(server.sink.service)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed]: unknown[] = await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');

  const before = server.sink.received.length;
  server.sink.answer = () => ({ status: 201 });
  await server.restart();
  server.clock.advance(0);
  await server.sink.waitFor(before + 1);
  expect(device.read(server.sink.received.at(-1))).toMatchObject({
    notification: { title: 'survives', data: { belfry: { id: String(printed).trim() } } },
  });
});

test('a server whose store file was moved takes nothing more, responds 503, and logs that once', async () => {
  await server.post('/subscribe', { body: subscribeAtSink().subscription });
  await rename(server.path, `${server.path}.moved`);
  for (const title of ['one', 'two']) {
    const refused = { id: 'store-replaced', status: 503 };
    await expect(server.belfry.notify('ada', { title })).rejects.toMatchObject(refused);
    const response = await server.post('/subscribe', { body: subscribeAtSink().subscription });
    expect(response).toMatchObject({ status: 503, body: { error: { id: 'store-replaced' } } });
  }
  const faults = () => server.log.filter((line) => line.includes('The store has a fault'));
  await expect.poll(faults).toEqual([expect.stringContaining('"fault":"store-replaced"')]);
});

test('close() waits 5 s for an encryptor that hangs, and the next process sends what it had', async () => {
  const device = subscribeAtSink();
  await server.post('/subscribe', { body: device.subscription });
  await server.restart({ encryptor: { name: 'native', encrypt: () => new Promise(() => {}) } });
  const notified = await server.belfry.notify('ada', { title: 'held' });
  const settled = Promise.allSettled([notified.settled()]);
  const closing = server.belfry.close();
  server.clock.advance(5_000);
  await closing;
  expect(await settled).toMatchObject([{ status: 'rejected' }]);
  await server.restart();
  server.clock.advance(0);
  await server.sink.waitFor(1);
  expect(device.read(server.sink.received[0])).toMatchObject({ notification: { title: 'held' } });
});
