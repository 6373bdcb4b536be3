import { randomBytes, randomUUID } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { branded, endpointOrigin, generateVapidKeys, parseEndpoint, parseP256dh } from '@belfry/protocol';
import type { MessageStatus, Store } from '@belfry/store';
// What the server does with a broadcast, but for sending it; no package exports it.
import type { MakeAttempt } from '../../../packages/server/src/delivery/make-attempt.ts';
import { type DeliveryEngine, startDeliveryEngine } from '../../../packages/server/src/delivery/delivery-engine.ts';
import { createSteadyClock } from '../../../packages/server/src/date/steady-clock.ts';
import { stderrLogger, systemClock } from '../../../packages/server/src/effects.ts';
import { LEASE_MS } from '../../../packages/server/src/limits.ts';
import { monotonicMs } from '../load/monotonic-ms.ts';
import { parsed } from '../parsed.ts';
import { serveCalls } from '../process/serve-calls.ts';
import { newDevice, saveDevices } from '../store/save-devices.ts';
import { type StoreLocation, storeAt } from '../store/store-location.ts';

export interface FanOutRun {
  readonly store: StoreLocation;
  /** Whether the push service of every second device takes nothing. */
  readonly halfDown: boolean;
  /** How long the push service takes for an answer, where 400 may be in flight; 0: none at all. */
  readonly latencyMs: number;
}

/** What a broadcast took. */
export interface FanOutFigures {
  readonly accepted: number;
  readonly wallMs: number;
  /** Of this process, sampled every 100 ms: the largest, and the largest of the first and of the last quarter. */
  readonly rssMb: number;
  readonly firstQuarterRssMb: number;
  readonly lastQuarterRssMb: number;
  readonly loopP99Ms: number;
  /** Deliveries that have a row of their own. */
  readonly rows: number;
}

/** What the process that sends does. */
export type FanOutFunctions = ReturnType<typeof fanOutFunctions>;

const UP = 'https://push.example.net';
const DOWN = 'https://down.example.net';
const CONTENT = JSON.stringify({ message: { notification: { title: 'A broadcast' } }, options: { ttl: 86_400 } });

function fanOutFunctions(): {
  /** Saves so many devices, every second of which is at the push service that may be down. */
  fill(options: { readonly store: StoreLocation; readonly devices: number }): Promise<void>;
  /** A broadcast to all devices. */
  run(options: FanOutRun): Promise<FanOutFigures>;
  /** Takes part in a broadcast of another process, until this one ends. */
  assist(options: FanOutRun): Promise<void>;
} {
  return {
    async fill({ store: address, devices }) {
      const store = await storeAt(address)();
      // All have one key, so that none has to be made.
      const { publicKey: vapidPublicKey } = generateVapidKeys();
      const p256dh = parsed(parseP256dh(vapidPublicKey));
      const endpointOf = (n: number): string =>
        `${n % 2 === 0 ? UP : DOWN}/wpush/v2/${randomBytes(90).toString('base64url')}`;
      await saveDevices(store, devices, (n) =>
        newDevice({ userId: `user-${n}`, endpoint: parsed(parseEndpoint(endpointOf(n))), p256dh, vapidPublicKey }),
      );
      await store.close();
    },
    run,
    async assist(options) {
      await start(await storeAt(options.store)(), options);
    },
  };
}

function start(store: Store, options: FanOutRun): Promise<DeliveryEngine> {
  return startDeliveryEngine({
    store,
    clock: createSteadyClock(systemClock),
    logger: stderrLogger,
    makeAttempt: answers(options),
    origins: ['https://app.example.com'],
    defaultNotification: { title: 'app.example.com' },
    leaseMs: LEASE_MS,
    fallbackTimeZone: 'UTC',
    random: Math.random,
    hasAccepted: ({ isProven }) => isProven,
    isProven: () => true,
    provenOrigins: () => [branded(UP), branded(DOWN)],
  });
}

async function run(options: FanOutRun): Promise<FanOutFigures> {
  const { halfDown } = options;
  const store = await storeAt(options.store)();
  const engine = await start(store, options);
  const now = Date.now();
  const id = branded<string, 'MessageId'>(randomUUID());
  const rss: number[] = [];
  const sampling = setInterval(() => rss.push(process.memoryUsage.rss() / 1e6), 100);
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const startedAt = monotonicMs();
  await store.enqueueMessage({
    id,
    audience: { kind: 'all' },
    content: CONTENT,
    receiptKey: new Uint8Array(16),
    now,
    runAt: now,
    ttlMs: 86_400_000,
    expiresAt: null,
    collapseKey: null,
    idempotency: null,
    devicesPerSecond: null,
    leaseMs: LEASE_MS,
  });
  engine.wakeAt(now);
  const status = await untilSent(async () => await store.messageStatus(id), halfDown);
  const wallMs = monotonicMs() - startedAt;
  loop.disable();
  clearInterval(sampling);
  await engine.stop();
  // The half that could not be reached is not to be sent in the next run.
  await store.changeMessage({ id, change: 'cancel', now: Date.now() });
  await store.close();
  const quarter = Math.ceil(rss.length / 4);
  return {
    accepted: status.deliveries.accepted ?? 0,
    wallMs,
    rssMb: Math.max(...rss),
    firstQuarterRssMb: Math.max(...rss.slice(0, quarter)),
    lastQuarterRssMb: Math.max(...rss.slice(-quarter)),
    loopP99Ms: loop.percentile(99) / 1e6,
    rows: status.deliveries.retrying ?? 0,
  };
}

const IN_FLIGHT = 400;

/** As a push service would; those of the one that is down are held back by its gate. */
function answers({ halfDown, latencyMs }: FanOutRun): MakeAttempt {
  const waiting: (() => void)[] = [];
  let inFlight = 0;
  const answered = async (): Promise<void> => {
    if (inFlight === IN_FLIGHT) await new Promise<void>((resolve) => waiting.push(resolve));
    else inFlight += 1;
    await new Promise((resolve) => setTimeout(resolve, latencyMs));
    const next = waiting.shift();
    if (next === undefined) inFlight -= 1;
    else next();
  };
  return async ({ device }) => {
    if (halfDown && endpointOrigin(device.endpoint) === DOWN) {
      return { kind: 'held', because: 'retrying', until: Date.now() + 5_000, wasSent: false, scope: 'origin' };
    }
    if (latencyMs > 0) await answered();
    return { kind: 'accepted', scope: 'device' };
  };
}

/** All of it, or, with half of the push services down, until nothing more is accepted for a while. */
async function untilSent(
  statusNow: () => Promise<MessageStatus | undefined>,
  halfDown: boolean,
): Promise<MessageStatus> {
  let accepted = -1;
  for (;;) {
    const status = await statusNow();
    if (status === undefined) throw new Error('The broadcast is not in its store');
    const { accepted: acceptedNow = 0 } = status.deliveries;
    if (status.state === 'done' || (halfDown && acceptedNow > 0 && acceptedNow === accepted)) return status;
    accepted = acceptedNow;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

serveCalls(fanOutFunctions());
