import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { refuseForeignWal } from './foreign-wal.ts';
import { STEPS, type SteppedStore, startSteppedStore } from './stepped-store.test-data.ts';

// What kill -9 leaves behind is the database and its WAL as they are at that moment. A copy of both is what a start would find. No
// such pair is refused, whatever other processes do to the file meanwhile.

const aStep = fc.constantFrom(...STEPS);
const byOthers = fc.constantFrom('index', 'vacuum', 'checkpoint', 'truncate', 'read', 'endReading', 'later');
const aTick = fc.array(byOthers, { maxLength: 3 });
const sequences = fc.array(fc.oneof({ weight: 3, arbitrary: aStep }, { weight: 1, arbitrary: aTick }), {
  maxLength: 25,
});

test('no crash leaves a pair of files behind that is refused', { timeout: 300_000 }, () => {
  fc.assert(
    fc.property(sequences, (sequence) => {
      const folder = mkdtempSync(join(tmpdir(), 'belfry-image-'));
      const store = startSteppedStore(folder);
      try {
        for (const step of sequence) {
          if (typeof step === 'string') store.take(step);
          else store.tickWith(step);
        }
        expect(store.rowsAfterCrash()).toBe(store.committedRows());
      } finally {
        store.close();
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: 60 },
  );
});

interface Case {
  readonly name: string;
  copy(path: string, copy: string): Promise<void>;
  after(store: SteppedStore): void;
}

const CASES: readonly Case[] = [
  {
    name: 'a backup',
    async copy(path, copy) {
      const source = new DatabaseSync(path, { readOnly: true });
      await backup(source, copy);
      source.close();
    },
    after: () => {},
  },
  {
    name: 'a copy from before the WAL began',
    copy: async (path, copy) => copyFileSync(path, copy),
    after: (store) => store.take('commit', 'checkpoint', 'commit', 'checkpoint', 'commit'),
  },
];

test.each(CASES)(
  '$name is refused beside the WAL while a changed schema cannot be stamped',
  async ({ copy, after }) => {
    const folder = mkdtempSync(join(tmpdir(), 'belfry-image-'));
    const store = startSteppedStore(folder);
    onTestFinished(() => {
      store.close();
      rmSync(folder, { recursive: true });
    });
    store.take('many', 'index', 'checkpoint', 'later', 'tick', 'many');
    await copy(join(folder, 'belfry.db'), join(folder, 'copy.db'));
    after(store);
    // While somebody reads, the change cannot be moved into the file, so the stamp cannot be set.
    store.take('read', 'index', 'later', 'tick', 'commit');
    const image = store.imageWith(join(folder, 'copy.db'));
    const contents = () => [image.database, image.wal].map((file) => readFileSync(file));
    const before = contents();
    expect(() => refuseForeignWal(image)).toThrow('does not belong to');
    expect(contents()).toEqual(before);
  },
);
