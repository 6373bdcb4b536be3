import { randomBytes } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { generateVapidKeys, parseEndpoint, parseP256dh } from '@belfry/protocol';
import { type Belfry, createBelfry } from '@belfry/server';
import { sqlite } from '@belfry/store/sqlite';
import { monotonicMs } from '../load/monotonic-ms.ts';
import { parsed } from '../parsed.ts';
import { serveCalls } from '../process/serve-calls.ts';
import type { SinkAddress } from '../send/sink-process.ts';
import { newDevice, saveDevices } from '../store/save-devices.ts';

/** A message to a user: its TTL tells which one it is, at the sink too. */
export interface Notified {
  readonly ttlS: number;
  /** When `notify` was called, and when it had returned, by the clock that all processes of a machine share. */
  readonly calledAtMs: number;
  readonly returnedAtMs: number;
}

/** A request to a device of the user that was put on the wire. */
export interface WireRequest {
  readonly ttlS: number;
  readonly atMs: number;
}

/** What the process with the server does. */
export type NotifyFunctions = ReturnType<typeof notifyFunctions>;

const USER_DEVICES = 3;
const FIRST_TTL_S = 100_000;

function notifyFunctions(): {
  /** Saves the devices of a broadcast, and three of one user. */
  fill(options: { readonly path: string; readonly origin: string; readonly devices: number }): Promise<void>;
  open(options: { readonly path: string; readonly sink: SinkAddress }): Promise<void>;
  startBroadcast(): Promise<void>;
  /** Notifies the user so often, each time so long after the last. */
  notifyUser(options: { readonly count: number; readonly everyMs: number }): Promise<readonly Notified[]>;
  /** The requests to the user's devices that went on the wire since it was asked last. */
  onTheWire(): readonly WireRequest[];
  /** How many devices have had the broadcast, and the event loop's p99 since it began. */
  broadcastStatus(): Promise<{ readonly accepted: number; readonly loopP99Ms: number }>;
  close(): Promise<void>;
} {
  let belfry: Belfry | undefined;
  let broadcastId = '';
  let requests: WireRequest[] = [];
  // Told when the headers are handed to nghttp2, which writes them to the socket in the same turn. At the sink it would come
  // behind all of the broadcast that the sink has not read yet: with 300 in flight at 8,000 a second that is 37 ms.
  subscribe('http2.client.stream.start', (told) => {
    const { headers }: { headers?: Record<string, unknown> } = Object(told);
    if (!String(headers?.[':path']).startsWith('/user/')) return;
    requests.push({ ttlS: Number(headers?.['ttl']), atMs: monotonicMs() });
  });
  const loop = monitorEventLoopDelay({ resolution: 1 });
  const opened = (): Belfry => {
    if (belfry === undefined) throw new TypeError('open first');
    return belfry;
  };
  return {
    async fill({ path, origin, devices }) {
      const store = await sqlite(path)();
      const { publicKey: vapidPublicKey } = await store.ensureVapidKeys({
        candidate: generateVapidKeys(),
        now: Date.now(),
      });
      // All have one key, so that none has to be made.
      const p256dh = parsed(parseP256dh(vapidPublicKey));
      const device = (userId: string, folder: string) => {
        const endpoint = parsed(parseEndpoint(`${origin}/${folder}/${randomBytes(90).toString('base64url')}`));
        return newDevice({ userId, endpoint, p256dh, vapidPublicKey });
      };
      await saveDevices(store, devices, (n) => device(`user-${n}`, 'all'));
      await saveDevices(store, USER_DEVICES, () => device('ada', 'user'));
      await store.close();
    },
    async open({ path, sink: { origin, address, certificateAuthority } }) {
      belfry = await createBelfry({
        store: sqlite(path),
        subject: 'mailto:ops@example.com',
        origins: ['https://app.example.com'],
        authenticate: () => null,
        developmentPushServices: [{ endpointOrigins: [origin], address, certificateAuthority }],
        env: {},
      });
    },
    async startBroadcast() {
      loop.enable();
      ({ id: broadcastId } = await opened().notify({ all: true }, { title: 'To all', body: 'x'.repeat(100) }));
    },
    async notifyUser({ count, everyMs }) {
      const notified: Notified[] = [];
      for (let n = 0; n < count; n += 1) {
        // Ten apart: the TTL that is left is rounded up.
        const ttlS = FIRST_TTL_S + n * 10;
        const calledAtMs = monotonicMs();
        await opened().notify('ada', { title: 'For you', body: 'x'.repeat(100) }, { ttl: ttlS });
        notified.push({ ttlS, calledAtMs, returnedAtMs: monotonicMs() });
        await new Promise((resolve) => setTimeout(resolve, everyMs));
      }
      return notified;
    },
    onTheWire() {
      const told = requests;
      requests = [];
      return told;
    },
    async broadcastStatus() {
      const status = await opened().messageStatus(broadcastId);
      return { accepted: status?.deliveries.accepted ?? 0, loopP99Ms: loop.percentile(99) / 1e6 };
    },
    close: () => opened().close(),
  };
}

serveCalls(notifyFunctions());
