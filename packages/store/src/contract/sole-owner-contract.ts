import { expect, test } from 'vitest';
import { NOW } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS } from '../a-message.test-data.ts';
import { aDeviceAt, broadcast, leaseAll, leaseOne } from './broadcast.test-data.ts';
import { sendNow } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** A store that one process has to itself. */
export function soleOwnerContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  test('belongs to one owner at a time', async () => {
    await expect(used.room.open()).rejects.toMatchObject({ code: 'store-in-use' });
  });

  test('at the start gives back what a dead process had', async () => {
    await used.store.saveDevice(aDeviceAt('one.example'));
    await broadcast(used.store);
    await leaseOne(used.store);
    const [delivery] = await sendNow(used.store, aMessage());
    await used.reopen();
    expect(await leaseAll(used.store)).toEqual([]);
    expect(await used.store.releaseLeases()).toBe(2);
    expect(await leaseAll(used.store)).toHaveLength(1);
    const { deliveries } = await used.store.takeDue({ now: NOW, limit: 9, leaseMs: MINUTE_MS });
    expect(deliveries).toEqual([{ ...delivery, lease: 2 }]);
  });
}
