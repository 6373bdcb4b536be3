import { randomBytes, randomUUID } from 'node:crypto';
import { branded } from '@belfry/protocol';
import { aDevice, anotherOf, NOW } from '../a-device.test-data.ts';
import { aMessage, MINUTE_MS } from '../a-message.test-data.ts';
import {
  CHUNK_IDS,
  type ChunkLease,
  type CommitPage,
  type LeaseChunks,
  type PageResult,
  type Straggler,
} from '../chunk.ts';
import type { SaveDevice } from '../device.ts';
import type { AttemptOutcome, DeliveryDevice, EnqueueMessage, MessageToPlan, PlanMessage } from '../message.ts';
import type { Store } from '../store.ts';
import { there } from './deliveries.test-data.ts';

/** Saves so many devices, all at the same time. They share their keys, which take the longest to make. */
export async function saveDevices(
  store: Store,
  count: number,
  change: Partial<SaveDevice> = {},
): Promise<readonly SaveDevice[]> {
  const first = aDevice(change);
  const devices = Array.from({ length: count }, () => ({
    ...anotherOf(first),
    endpoint: branded<string, 'Endpoint'>(`https://push.example.net/${randomUUID()}`),
    secretHash: new Uint8Array(randomBytes(32)),
  }));
  await Promise.all(devices.map((device) => store.saveDevice(device)));
  return devices;
}

/** A device whose push service is this host. */
export function aDeviceAt(host: string, change: Partial<SaveDevice> = {}): SaveDevice {
  return aDevice({ endpoint: branded(`https://${host}/${randomUUID()}`), ...change });
}

/** Enqueues a message, to all where it does not say to whom, that waits to be planned. */
export async function queue(store: Store, change: Partial<EnqueueMessage> = {}): Promise<EnqueueMessage> {
  const message = aMessage({ audience: { kind: 'all' }, ...change });
  const { outcome } = await store.enqueueMessage(message);
  if (outcome !== 'queued') throw new Error(`the message is ${outcome}`);
  return message;
}

/** What waits to be planned at `now`. */
export async function toPlan(store: Store, now: number = NOW): Promise<readonly MessageToPlan[]> {
  return (await store.messagesToPlan({ now, limit: 100 })).messages;
}

/** Enqueues a message, to all where it does not say to whom, and plans it at its time. */
export async function broadcast(
  store: Store,
  change: Partial<EnqueueMessage> = {},
  zones: PlanMessage['zones'] = null,
): Promise<EnqueueMessage> {
  const message = await queue(store, change);
  const { seq } = there((await toPlan(store, message.runAt)).at(-1));
  if (!(await store.planMessage({ seq, now: message.runAt, zones }))) throw new Error('the message was planned before');
  return message;
}

export async function leaseAll(store: Store, change: Partial<LeaseChunks> = {}): Promise<readonly ChunkLease[]> {
  const request = { now: NOW, leaseMs: MINUTE_MS, limit: 100, exceptOrigins: [], ...change };
  return (await store.leaseChunks(request)).leases;
}

export async function leaseOne(store: Store, change: Partial<LeaseChunks> = {}): Promise<ChunkLease> {
  return there((await leaseAll(store, { limit: 1, ...change }))[0]);
}

export function readPage(store: Store, lease: ChunkLease, limit = 200): Promise<readonly DeliveryDevice[]> {
  return store.readPage({ chunkId: lease.id, after: lease.cursor, limit });
}

/** A page of these devices, all accepted, that is the last. */
export function aPage(
  lease: ChunkLease,
  devices: readonly DeliveryDevice[],
  change: Partial<CommitPage> = {},
): CommitPage {
  return {
    chunkId: lease.id,
    token: lease.token,
    now: NOW,
    cursor: devices.at(-1)?.id ?? lease.cursor,
    isLast: true,
    counts: { accepted: devices.length },
    results: [],
    leaseMs: MINUTE_MS,
    releaseUntil: NOW,
    ...change,
  };
}

/** What came of one device of a page. */
export function resultOf(device: DeliveryDevice | undefined, outcome: AttemptOutcome | Straggler): PageResult {
  if (device === undefined) throw new Error('the page has such a device');
  return { ...outcome, deviceId: device.id, binding: device.binding };
}

/** Sends all that can be sent now, everything accepted; answers the endpoints, sorted. */
export async function sendAll(store: Store, now: number = NOW): Promise<readonly string[]> {
  const sent: DeliveryDevice[] = [];
  for (let leases = await leaseAll(store, { now }); leases.length > 0; leases = await leaseAll(store, { now })) {
    for (const lease of leases) {
      const devices = await readPage(store, lease, CHUNK_IDS);
      sent.push(...devices);
      await store.commitPage(aPage(lease, devices, { now }));
    }
  }
  const { deliveries } = await store.takeDue({ now, limit: 10_000, leaseMs: MINUTE_MS });
  await store.recordResults(
    deliveries.map(({ message, device, lease }) => ({
      seq: message.seq,
      deviceId: device.id,
      now,
      lease,
      state: 'accepted',
    })),
  );
  sent.push(...deliveries.map(({ device }) => device));
  return sent.map(({ endpoint }) => endpoint).toSorted();
}

/** Sorted. */
export function endpointsOf(devices: readonly SaveDevice[]): readonly string[] {
  return devices.map(({ endpoint }) => endpoint).toSorted();
}
