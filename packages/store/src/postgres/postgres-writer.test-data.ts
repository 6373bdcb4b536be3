import { randomUUID } from 'node:crypto';
import { branded } from '@belfry/protocol';
import { aDevice } from '../a-device.test-data.ts';
import { postgres } from './postgres.ts';

// A process to kill: it saves devices without end and prints each one that is on disk.

const [url = '', schema = ''] = process.argv.slice(2);
const store = await postgres({ url, schema })();
for (;;) {
  const publicIds = Array.from({ length: 8 }, () => branded<string, 'PublicDeviceId'>(randomUUID()));
  const saved = publicIds.map(async (newPublicId) => {
    await store.saveDevice(aDevice({ newPublicId }));
    process.stdout.write(`${newPublicId}\n`);
  });
  await Promise.all(saved);
}
