import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { saveDevices } from '../contract/broadcast.test-data.ts';
import { startOther } from './other-process.test-data.ts';
import { sqlite } from './sqlite.ts';

const TIMEOUT_MS = 120_000;
/** `nobody`, everywhere. */
const NOBODY = 65534;

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belfry-opening-'));
  path = join(folder, 'belfry.db');
});
afterEach(() => rm(folder, { recursive: true }));

function modesOf(...files: readonly string[]): string[] {
  return files.map((file) => (statSync(file).mode & 0o777).toString(8));
}

describe('a file that cannot be opened is named for what it is', () => {
  test.each<[string, () => string, string]>([
    [
      'a folder that is missing',
      () => join(folder, 'missing', 'belfry.db'),
      'its folder does not exist: make it first',
    ],
    [
      'a folder in its place',
      () => {
        mkdirSync(path);
        return path;
      },
      'it is a folder: name a file in it',
    ],
    [
      'a file for a folder',
      () => {
        writeFileSync(path, '');
        return join(path, 'belfry.db');
      },
      'a part of its path is a file',
    ],
    [
      'links in a circle',
      () => {
        symlinkSync('belfry.db', path);
        return path;
      },
      'lead in a circle',
    ],
    [
      'an owner file that is no database',
      () => {
        writeFileSync(`${path}-owner`, 'x'.repeat(4096));
        return path;
      },
      'it is not a database',
    ],
  ])('%s', async (_name, make, reason) => {
    const wrong = make();
    const opening = sqlite(wrong)();
    await expect(opening).rejects.toMatchObject({ code: 'store-failed', message: expect.stringContaining(reason) });
    await expect(opening).rejects.toMatchObject({ message: expect.stringContaining(wrong) });
  });

  test('a disk that takes nothing more', { timeout: TIMEOUT_MS }, async () => {
    // A limit of the file's size makes each write fail, as a full disk does.
    const full = startOther({ shell: 'ulimit -f 0' });
    expect(await full.ask('openSaying', path)).toMatch(
      /^store-failed: .*(the disk reported an error|the disk is full)/,
    );
    await full.kill();
  });
});

describe('the files are for their owner alone', () => {
  test('with any umask', { timeout: TIMEOUT_MS }, async () => {
    const other = startOther({ shell: 'umask 0' });
    expect(await other.ask('open', path)).toBeNull();
    await other.save(path, 3);
    expect(modesOf(path, `${path}-wal`, `${path}-shm`, `${path}-owner`)).toEqual(['600', '600', '600', '600']);
    await other.kill();
  });

  test('also where they exist with wider modes, after kill -9', { timeout: TIMEOUT_MS }, async () => {
    const other = startOther();
    await other.ask('open', path);
    await other.save(path, 3);
    await other.kill();
    const files = ['', '-wal', '-shm', '-owner'].map((end) => `${path}${end}`);
    for (const file of files) chmodSync(file, 0o664);
    const store = await sqlite(path)();
    await saveDevices(store, 1);
    expect(modesOf(...files)).toEqual(['600', '600', '600', '600']);
    await store.close();
  });

  // Only root can give a file to somebody else.
  test.runIf(process.getuid?.() === 0)(
    'a file of somebody else that all may read is refused',
    { timeout: TIMEOUT_MS },
    async () => {
      await (await sqlite(path)()).close();
      chmodSync(folder, 0o777);
      chmodSync(path, 0o666);
      chownSync(`${path}-owner`, NOBODY, NOBODY);
      const other = startOther({ uid: NOBODY });
      expect(await other.ask('openSaying', path)).toMatch(/^store-failed: Others may read .*mode 0666.*chmod 600/);
      expect(modesOf(path)).toEqual(['666']);
      await other.kill();
    },
  );
});
