import { describe, expect, test } from 'vitest';
import { NOW } from '../a-device.test-data.ts';
import { toUsers } from '../a-message.test-data.ts';
import type { PlanMessage } from '../message.ts';
import { aDeviceAt, broadcast, endpointsOf, leaseAll, sendAll } from './broadcast.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** Messages that reach each device at its own time. */
export function timeZonesContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  describe('time zones', () => {
    const ROME = 'Europe/Rome';
    const TOKYO = 'Asia/Tokyo';
    const ZONES: PlanMessage['zones'] = [
      { timeZone: TOKYO, runAt: NOW + 100 },
      { timeZone: null, runAt: NOW + 300 },
      { timeZone: ROME, runAt: NOW + 200 },
    ];

    async function saveZones() {
      const devices = [ROME, TOKYO, null, 'America/Lima', TOKYO].map((timeZone, i) =>
        aDeviceAt(`${i % 2}.example`, { timeZone }),
      );
      for (const device of devices) await used.store.saveDevice(device);
      const of = (timeZone: string | null) => endpointsOf(devices.filter((device) => device.timeZone === timeZone));
      return { rome: of(ROME), tokyo: of(TOKYO), none: of(null) };
    }

    test('are those of live devices, none included', async () => {
      await saveZones();
      const gone = aDeviceAt('0.example', { timeZone: 'Europe/Oslo' });
      await used.store.saveDevice(gone);
      await used.store.removeDevice({ device: { endpoint: gone.endpoint }, owner: gone, now: NOW });
      const zones = await used.store.timeZones();
      expect(new Set(zones)).toEqual(new Set([ROME, TOKYO, null, 'America/Lima']));
      expect(zones).toHaveLength(4);
    });

    for (const [kind, audience] of [
      ['a broadcast', { kind: 'all' }],
      ['a small audience', toUsers('ada')],
    ] as const) {
      test(`let ${kind} reach each device at its own time, and none of a zone that is not listed`, async () => {
        const { rome, tokyo, none } = await saveZones();
        const { id } = await broadcast(used.store, { audience, now: NOW - 1, runAt: NOW }, ZONES);
        const sent = [];
        for (const afterMs of [99, 100, 200, 299, 300]) sent.push(await sendAll(used.store, NOW + afterMs));
        expect(sent).toEqual([[], tokyo, rome, [], none]);
        expect(await used.store.messageStatus(id)).toMatchObject({ state: 'done', deliveries: { accepted: 4 } });
      });
    }

    test('give each device its own end', async () => {
      await saveZones();
      await broadcast(used.store, { now: NOW - 1, runAt: NOW, ttlMs: 1000, expiresAt: NOW + 1250 }, ZONES);
      const ends: number[] = [];
      for (let call = 0; call < 3; call++) {
        for (const { expiresAt } of await leaseAll(used.store, { now: NOW + 300 })) ends.push(expiresAt - NOW);
      }
      expect(ends.toSorted((a, b) => a - b)).toEqual([1100, 1100, 1200, 1250]);
    });
  });
}
