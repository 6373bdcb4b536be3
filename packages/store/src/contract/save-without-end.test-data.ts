import { randomUUID } from 'node:crypto';
import { branded } from '@belfry/protocol';
import { aDevice } from '../a-device.test-data.ts';
import type { Store } from '../store.ts';

/** What a process to kill does: it saves devices without end, and prints each one that is on disk. */
export async function saveWithoutEnd(store: Store): Promise<never> {
  for (;;) {
    const publicIds = Array.from({ length: 8 }, () => branded<string, 'PublicDeviceId'>(randomUUID()));
    const saved = publicIds.map(async (newPublicId) => {
      await store.saveDevice(aDevice({ newPublicId }));
      process.stdout.write(`${newPublicId}\n`);
    });
    await Promise.all(saved);
  }
}
