import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pushService } from './push-service.ts';

test('services run side by side, each on ports of its own', async () => {
  const services = await Promise.all([pushService.start(), pushService.start()]);
  const urls = services.flatMap(({ autopushUrl, endpointOrigin, chromium }) => [
    autopushUrl,
    endpointOrigin,
    chromium.checkinUrl,
    chromium.mcsEndpoint,
  ]);
  const ports = urls.map((url) => new URL(url).port);
  expect(new Set(ports).size).toBe(8);
  await Promise.all(services.map((service) => service.close()));
});

test('options reach the service: with a folder it keeps what it knows', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'belfry-kept-'));
  await (await pushService.start({ dataDir })).close();
  expect(await readdir(dataDir)).toContain('push-service.db');
  await rm(dataDir, { recursive: true });
});
