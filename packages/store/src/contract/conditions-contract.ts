import { branded } from '@belfry/protocol';
import { describe, expect, test } from 'vitest';
import { NOW } from '../a-device.test-data.ts';
import { and, not, or, toCondition, topic } from '../a-message.test-data.ts';
import type { Condition, TopicMember } from '../audience.ts';
import { SMALL_AUDIENCE_DEVICES } from '../chunk.ts';
import type { SaveDevice } from '../device.ts';
import {
  broadcast,
  endpointsOf,
  leaseAll,
  leaseOne,
  queue,
  readPage,
  saveDevices,
  sendAll,
  toPlan,
} from './broadcast.test-data.ts';
import { anotherOf } from '../a-device.test-data.ts';
import { there } from './deliveries.test-data.ts';
import type { StoreUnderTest } from './store-under-test.test-data.ts';
import { useStore } from './use-store.test-data.ts';

/** Topics and conditions as audiences. */
export function conditionsContract(engine: StoreUnderTest): void {
  const used = useStore(engine);

  function join(member: TopicMember, name: string) {
    return used.store.joinTopic({ topic: branded<string, 'TopicName'>(name), member, now: NOW });
  }

  async function joinAll(devices: readonly SaveDevice[], name: string) {
    await Promise.all(devices.map(({ newPublicId }) => join({ publicId: newPublicId }, name)));
  }

  /** ada has two devices and joined `user`; the first joined `own` itself. bob's one joined `own` and `more`. */
  async function saveMembers() {
    const ada = await saveDevices(used.store, 2);
    const bob = await saveDevices(used.store, 1, { userId: branded('bob') });
    const eve = await saveDevices(used.store, 1, { userId: branded('eve') });
    await join({ userId: branded('ada') }, 'user');
    await joinAll(ada.slice(0, 1), 'own');
    await joinAll(bob, 'own');
    await joinAll(bob, 'more');
    return { first: ada.slice(0, 1), second: ada.slice(1), bob, eve };
  }

  type Member = keyof Awaited<ReturnType<typeof saveMembers>>;

  const CASES: readonly (readonly [string, Condition, readonly Member[]])[] = [
    ["a user's topic", topic('user'), ['first', 'second']],
    ["a device's topic", topic('own'), ['first', 'bob']],
    ['a topic that nobody joined', topic('nobodys'), []],
    ['and', and(topic('user'), topic('own')), ['first']],
    ['and of topics of one device', and(topic('own'), topic('more')), ['bob']],
    ['or', or(topic('user'), topic('more')), ['first', 'second', 'bob']],
    ['and not', and(topic('own'), not(topic('user'))), ['bob']],
    ['and not of a topic that nobody joined', and(topic('more'), not(topic('nobodys'))), ['bob']],
    ['not of an or', and(topic('user'), not(or(topic('own'), topic('more')))), ['second']],
    ['not of a not', and(topic('own'), not(not(topic('user')))), ['first']],
    ['several terms', or(and(topic('user'), topic('own')), and(topic('own'), topic('more'))), ['first', 'bob']],
    ['or not, which those meet too who joined nothing', or(topic('more'), not(topic('own'))), ['second', 'bob', 'eve']],
  ];

  describe('a condition is judged for each device', () => {
    for (const [name, condition, expected] of CASES) {
      test(`${name}, in a small audience`, async () => {
        const members = await saveMembers();
        await broadcast(used.store, { audience: toCondition(condition) });
        expect(await sendAll(used.store)).toEqual(endpointsOf(expected.flatMap((member) => members[member])));
      });

      test(`${name}, in chunks`, async () => {
        const members = await saveMembers();
        // The same condition, which all devices meet that joined one more topic, of too many devices to be small.
        const crowd = await saveDevices(used.store, SMALL_AUDIENCE_DEVICES + 1, { userId: branded('crowd') });
        await join({ userId: branded('crowd') }, 'crowd');
        await broadcast(used.store, { audience: toCondition(or(condition, topic('crowd'))) });
        expect(await leaseAll(used.store)).toHaveLength(1);
        await used.store.releaseLeases();
        const sent = await sendAll(used.store);
        expect(sent).toEqual(endpointsOf([...expected.flatMap((member) => members[member]), ...crowd]));
      });
    }
  });

  describe('an audience of topics', () => {
    test('has deliveries where it is small, and chunks where it is not', async () => {
      const devices = await saveDevices(used.store, SMALL_AUDIENCE_DEVICES);
      await joinAll(devices.slice(0, 300), 'one');
      await joinAll(devices.slice(200), 'two');
      const audience = toCondition(or(topic('one'), topic('two')));
      const small = await broadcast(used.store, { audience });
      expect(await leaseAll(used.store)).toEqual([]);
      expect(await used.store.messageStatus(small.id)).toMatchObject({
        state: 'fanning-out',
        deliveries: { retrying: SMALL_AUDIENCE_DEVICES },
      });
      await joinAll(await saveDevices(used.store, 1, { userId: branded('bob') }), 'two');
      const large = await broadcast(used.store, { audience });
      expect(await leaseAll(used.store)).toHaveLength(1);
      expect(await used.store.messageStatus(large.id)).toMatchObject({ state: 'fanning-out', deliveries: {} });
    });

    test('is those who had joined when they are reached, of the devices that were there when it was enqueued', async () => {
      const [present] = await saveDevices(used.store, 1);
      await queue(used.store, { audience: toCondition(topic('news')) });
      const [late] = await saveDevices(used.store, 1);
      await joinAll([there(present), there(late)], 'news');
      const { seq } = there((await toPlan(used.store))[0]);
      await used.store.planMessage({ seq, now: NOW, zones: null });
      expect(await sendAll(used.store)).toEqual([there(present).endpoint]);
    });

    test('is judged at each page of a chunk', async () => {
      const devices = await saveDevices(used.store, SMALL_AUDIENCE_DEVICES + 2);
      await joinAll(devices, 'news');
      await broadcast(used.store, { audience: toCondition(topic('news')) });
      const lease = await leaseOne(used.store);
      const [leaving, moving] = devices;
      const { newPublicId: publicId } = there(leaving);
      await used.store.leaveTopic({ topic: branded<string, 'TopicName'>('news'), member: { publicId } });
      await used.store.saveDevice({ ...anotherOf(there(moving)), userId: branded('bob') });
      const read = (await readPage(used.store, lease, 1000)).map(({ endpoint }) => endpoint);
      expect(read.toSorted()).toEqual(endpointsOf(devices.slice(2)));
    });

    test('with a user counts all devices of that user', async () => {
      await saveDevices(used.store, SMALL_AUDIENCE_DEVICES + 1);
      await join({ userId: branded('ada') }, 'news');
      await broadcast(used.store, { audience: toCondition(topic('news')) });
      expect(await leaseAll(used.store)).toHaveLength(1);
    });
  });
}
