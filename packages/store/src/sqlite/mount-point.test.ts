import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isMountPoint } from './mount-point.ts';
import { mountedAlone, type OtherProcess, startOther } from './other-process.test-data.ts';
import { sqlite } from './sqlite.ts';

const TIMEOUT_MS = 120_000;
const MAY_MOUNT = spawnSync('unshare', ['-m', 'true']).status === 0;

test('a mount point is found in what Linux says of the mounts, also with a space in its name', () => {
  const mountInfo = [
    '36 35 98:0 / / rw,noatime master:1 - ext4 /dev/root rw',
    '37 36 98:0 /srv/belfry.db /app/belfry.db rw - ext4 /dev/root rw',
    '38 36 98:0 /srv/a /srv/two\\040words rw - ext4 /dev/root rw',
    '',
  ].join('\n');
  expect(isMountPoint('/app/belfry.db', mountInfo)).toBe(true);
  expect(isMountPoint('/srv/two words', mountInfo)).toBe(true);
  expect(isMountPoint('/srv/belfry.db', mountInfo)).toBe(false);
  expect(isMountPoint('/app/belfry.db', '')).toBe(false);
});

describe.runIf(MAY_MOUNT)('a file that a container mounts alone', () => {
  let folder: string;
  let path: string;
  let mounted: string;
  let container: OtherProcess;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'belfry-mounted-'));
    path = join(folder, 'belfry.db');
    await (await sqlite(path)()).close();
    mkdirSync(join(folder, 'app'));
    mounted = join(folder, 'app', 'belfry.db');
    writeFileSync(mounted, '');
    container = startOther({ shell: mountedAlone(path, mounted) });
  });
  afterEach(async () => {
    await container.kill();
    await rm(folder, { recursive: true });
  });

  test('is refused there, with what to do', { timeout: TIMEOUT_MS }, async () => {
    expect(await container.ask('openSaying', mounted)).toMatch(/^store-failed: .*mounted alone.*Mount the folder/v);
  });

  test('and is open there is refused outside', { timeout: TIMEOUT_MS }, async () => {
    await container.ask('read', mounted);
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(sqlite(path)()).rejects.toMatchObject({
        code: 'store-in-use',
        message: expect.stringContaining('by another path'),
      });
    }
    await container.kill();
    await (await sqlite(path)()).close();
  });
});
