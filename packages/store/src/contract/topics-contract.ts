import { branded } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { aDevice, anotherOf, NOW, proofOf } from '../a-device.test-data.ts';
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

  describe('a topic without members', () => {
    const purge = (limit = 100) => used.store.purge({ steadyNow: NOW, keepEndedMs: NOW, keepGoneMs: NOW, limit });

    test('is deleted with the purge, and one that has members is not', async () => {
      const device = aDevice();
      await used.store.saveDevice(device);
      const member = { publicId: device.newPublicId };
      const names = Array.from({ length: 12 }, (_, i) => `mine.${i}`);
      await join(ADA, 'news', ...names);
      await join(member, 'sport', 'alone');
      expect(await purge()).toBe(0);
      for (const name of names) await leave(ADA, name);
      await used.store.removeDevice({ device: proofOf(device), owner: proofOf(device), now: NOW });
      await join(ADA, 'sport');
      const deleted: number[] = [];
      for (let call = 0; call < 4; call++) deleted.push(await purge(5));
      expect(deleted).toEqual([5, 5, 3, 0]);
      expect(await used.store.topicsOf(ADA)).toEqual(['news', 'sport']);
      await join(ADA, 'mine.0');
      expect(await used.store.topicsOf(ADA)).toEqual(['mine.0', 'news', 'sport']);
    });

    test('is found behind many that have members, by further calls', async () => {
      await join(ADA, ...Array.from({ length: 10 }, (_, i) => `topic.${i}`));
      await join(ADA, 'left');
      await leave(ADA, 'left');
      const deleted: number[] = [];
      for (let call = 0; call < 4; call++) deleted.push(await purge(2));
      // 8 topics are looked at in a call. The last call begins at the start again.
      expect(deleted).toEqual([2, 1, 2, 0]);
    });
  });

  test('joins succeed while others leave the same topics, and purges delete them', async () => {
    const members = Array.from({ length: 6 }, (_, i): TopicMember => ({ userId: branded(`user-${i}`) }));
    const topics = ['a', 'b', 'c'];
    for (let round = 0; round < 10; round++) {
      const purges = Array.from({ length: 4 }, () =>
        used.store.purge({ steadyNow: NOW, keepEndedMs: NOW, keepGoneMs: NOW, limit: 100 }),
      );
      const joined = await Promise.all(members.map((member) => join(member, ...topics)));
      expect(joined.flat().every((isJoined) => isJoined)).toBe(true);
      for (const member of members) expect(await used.store.topicsOf(member)).toEqual(topics);
      const left = await Promise.all(members.flatMap((member) => topics.map((topic) => leave(member, topic))));
      expect(left.every((hasLeft) => hasLeft)).toBe(true);
      await Promise.all(purges);
    }
  });
}
