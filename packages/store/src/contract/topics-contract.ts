import { branded } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { aDevice, anotherOf, NOW } from '../a-device.test-data.ts';
import type { TopicMember } from '../audience.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

const ADA: TopicMember = { userId: branded('ada') };

/** Who has joined what. */
export function topicsContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  function join(member: TopicMember, ...topics: readonly string[]) {
    return Promise.all(
      topics.map((topic) => used.store.joinTopic({ topic: branded<string, 'TopicName'>(topic), member, now: NOW })),
    );
  }

  function leave(member: TopicMember, topic: string) {
    return used.store.leaveTopic({ topic: branded<string, 'TopicName'>(topic), member });
  }

  describe('joining a topic', () => {
    test('is kept for users and for devices apart, in the order of code points', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      const member = { publicId: device.newPublicId };
      await join(ADA, 'news', 'a-b', 'ab', 'News');
      await join(member, 'sport');
      await used.reopen();
      expect(await used.store.topicsOf(ADA)).toEqual(['News', 'a-b', 'ab', 'news']);
      expect(await used.store.topicsOf(member)).toEqual(['sport']);
    });

    test('twice is joining once', async () => {
      expect(await join(ADA, 'news', 'news')).toEqual([true, true]);
      expect(await used.store.topicsOf(ADA)).toEqual(['news']);
      expect(await leave(ADA, 'news')).toBe(true);
      expect(await used.store.topicsOf(ADA)).toEqual([]);
    });

    test('is for devices that are there, and for any user', async () => {
      expect(await join({ publicId: branded('nobody') }, 'news')).toEqual([false]);
      expect(await used.store.topicsOf({ publicId: branded('nobody') })).toEqual([]);
      expect(await join({ userId: branded('new') }, 'news')).toEqual([true]);
    });
  });

  test('leaving a topic that was not joined says so, and leaves those of others alone', async () => {
    const device = aDevice();
    await used.store.saveDevice(device);
    const member = { publicId: device.newPublicId };
    await join(member, 'news');
    for (const [stranger, topic] of [
      [ADA, 'news'],
      [member, 'sport'],
      [{ publicId: branded<string, 'PublicDeviceId'>('nobody') }, 'news'],
    ] as const) {
      expect(await leave(stranger, topic)).toBe(false);
    }
    expect(await used.store.topicsOf(member)).toEqual(['news']);
  });

  test('a device that changes hands leaves what it joined itself, and no user does', async () => {
    const device = aDevice();
    await used.store.saveDevice(device);
    const member = { publicId: device.newPublicId };
    await join(ADA, 'of-ada');
    await join(member, 'of-device');
    await used.store.saveDevice(anotherOf(device));
    expect(await used.store.topicsOf(member)).toEqual(['of-device']);
    await used.store.saveDevice({ ...anotherOf(device), userId: branded('bob') });
    expect(await used.store.topicsOf(member)).toEqual([]);
    expect(await used.store.topicsOf(ADA)).toEqual(['of-ada']);
  });

  test('a device that was removed has joined nothing', async () => {
    const device = aDevice();
    await used.store.saveDevice(device);
    await join({ publicId: device.newPublicId }, 'news');
    await used.store.removeDevice({ device: { endpoint: device.endpoint }, owner: device, now: NOW });
    expect(await used.store.topicsOf({ publicId: device.newPublicId })).toEqual([]);
  });
}
