import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { branded } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { aDevice } from '../a-device.test-data.ts';
import type { StoreUnderTest, WriterProcess } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** What a promise of the store is worth. */
export function durabilityContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  describe('what resolved', () => {
    test('is there after kill -9 of the writing process', async () => {
      const printed: string[] = [];
      await used.reopen(async () => {
        const writer = startWriter(used.room.writer);
        for await (const line of createInterface({ input: writer.stdout })) {
          printed.push(line);
          if (printed.length === 200) writer.kill('SIGKILL');
        }
      });
      const kept = new Set((await used.store.devicesOfUser(branded('ada'))).map((device) => device.publicId));
      expect(printed.length).toBeGreaterThanOrEqual(200);
      expect(printed.filter((publicId) => !kept.has(branded(publicId)))).toEqual([]);
    }, 30_000);
  });

  describe('the store itself', () => {
    test('finishes what was asked before it closes, and refuses what comes after', async () => {
      const saving = used.store.saveDevice(aDevice());
      await used.store.close();
      expect(await saving).toMatchObject({ outcome: 'created' });
      await expect(used.store.saveDevice(aDevice())).rejects.toMatchObject({ code: 'store-closed' });
    });
  });
}

function startWriter({ program, args }: WriterProcess) {
  return spawn(process.execPath, ['--conditions=@belfry/source', program.pathname, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
