import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkIn, type Profile, register, subscribe } from '../fixtures/gcm-client.test-data.ts';
import { connectMcs } from '../fixtures/mcs-client.test-data.ts';
import { applicationServer, authorize, request } from '../fixtures/push-sender.test-data.ts';
import { portsOf, startedService } from '../fixtures/started-service.test-data.ts';
import type { PushService } from '../push-service.ts';

async function push(service: PushService, endpoint: string, body: Uint8Array): Promise<number> {
  const audience = new URL(endpoint).origin;
  const authorization = authorize({ service, keys: applicationServer, now: Date.now(), audience });
  const headers = { ...authorization, 'content-encoding': 'aes128gcm' };
  return (await request(service, endpoint, { headers, body })).status;
}

/** A service in a process of its own, that can be killed. */
async function forkedService(dataDir: string): Promise<{ service: PushService; kill(): Promise<void> }> {
  const child = fork(new URL('../fixtures/run-service.test-data.ts', import.meta.url), [dataDir, '0', '0'], {
    execArgv: ['--conditions=@belfry/source'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [service]: PushService[] = await once(child, 'message');
  if (service === undefined) throw new Error('no service');
  return {
    service,
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

test('check-ins, subscriptions, messages and what was acknowledged survive kill -9', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'belfry-push-service-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const first = await forkedService(dataDir);
  const profile: Profile = await checkIn(first.service);
  const endpoint = await subscribe(first.service, profile);
  const ended = await subscribe(first.service, profile, { 'X-subtype': 'wp:http://localhost:1/#B-V2' });
  const client = await connectMcs(first.service);
  await client.login(profile);
  for (const value of [1, 2]) expect(await push(first.service, endpoint, Uint8Array.of(value))).toBe(201);
  const frames = [await client.next(), await client.next()];
  client.ack(2);
  expect(await client.ping()).toBe(1);
  await register(first.service, profile, { 'X-subtype': 'wp:http://localhost:1/#B-V2', delete: 'true' });
  await first.kill();

  const second = await startedService({ dataDir, ...portsOf(first.service) });
  expect(second.chromium).toEqual(first.service.chromium);
  const again = await connectMcs(second);
  await again.login(profile);
  const redelivered = await again.next();
  expect(redelivered.fields.string(9)).toBe(frames[1]?.fields.string(9));
  expect(await again.ping()).toBe(1);
  expect(await push(second, ended, Uint8Array.of(3))).toBe(410);
  expect(await push(second, endpoint, Uint8Array.of(4))).toBe(201);
  expect((await again.next()).fields.bytes(21)).toEqual(Uint8Array.of(4));
});
