import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findDbusDaemon } from './find-dbus-daemon.ts';
import { startMessageBus } from './start-message-bus.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belfry-bus-'));
});

afterAll(() => rm(folder, { recursive: true }));

test('a bus has its socket in the folder that it is given, and ends when it is killed', async () => {
  const bus = await startMessageBus({ executablePath: await findDbusDaemon(), folder });
  expect(bus.address).toContain(`unix:path=${folder}/bus,`);
  expect(await readdir(folder)).toContain('bus');
  bus.kill();
  await bus.ended;
});

test('a dbus-daemon that cannot be started is named', async () => {
  const executablePath = join(folder, 'absent');
  await expect(startMessageBus({ executablePath, folder })).rejects.toMatchObject({
    code: 'browser-exited',
    message: expect.stringContaining(`Could not start ${executablePath}`),
  });
});
