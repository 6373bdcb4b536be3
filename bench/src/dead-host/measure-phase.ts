import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { dueAtMs } from '../load/send-at-rate.ts';
import { type BenchProcess, startProcess } from '../process/start-process.ts';
import type { ApplicationFunctions } from './application-process.ts';
import type { ServiceAddress } from './dead-host.ts';
import type { ServicesFunctions } from './services-process.ts';

export interface PhaseOptions {
  readonly services: BenchProcess<ServicesFunctions>;
  readonly healthy: ServiceAddress;
  /** undefined: every device is healthy. */
  readonly dead: ServiceAddress | undefined;
  /** At so many origins beside, with users of their own; undefined: at one, where each user has a second device. */
  readonly origins: number | undefined;
  /** Messages, each to a user of its own. */
  readonly perSecond: number;
  readonly durationMs: number;
  /** Where the database's folder is made. */
  readonly dataRoot: string;
  readonly signal: AbortSignal;
}

export interface Phase {
  /** From when a message was due to when the push service had it from the healthy device's. */
  readonly latenciesMs: readonly number[];
  readonly lost: number;
  /** CPU time of the application for each message to a healthy device. */
  readonly cpuUs: number;
}

/** Code that runs for the first time, and the first connection, are no latency of the others. */
const WARM_UP_MS = 1000;
/** What has not arrived so long after the last was due is lost. */
const GRACE_MS = 2000;
const POLL_MS = 50;
/** Each message to a user of dead origins is ten deliveries: as many as there are healthy ones, as in the other rows. */
const MESSAGES_PER_DEAD = 10;

/** Runs an application of its own, with a database of its own: what an earlier phase left behind is not in it. */
export async function measurePhase(options: PhaseOptions): Promise<Phase> {
  const { services, healthy, dead, origins, perSecond, durationMs, signal } = options;
  const warmUp = Math.ceil((perSecond * WARM_UP_MS) / 1000);
  const count = warmUp + Math.ceil((perSecond * durationMs) / 1000);
  const folder = await mkdtemp(join(options.dataRoot, 'dead-host-'));
  const module = new URL('./application-process.ts', import.meta.url);
  const application = startProcess<ApplicationFunctions>({ module, signal });
  try {
    await application.call('start', {
      databasePath: join(folder, 'belfry.db'),
      pushServices: dead === undefined || origins !== undefined ? [healthy] : [healthy, dead],
      subscriptions: await services.call('subscribe', count),
      deadOrigin: origins === undefined ? dead?.endpointOrigins[0] : undefined,
      deadOrigins: dead && origins ? { count: origins, service: dead, everyMessages: MESSAGES_PER_DEAD } : undefined,
    });
    const { startedAtMs, cpuUs } = await application.call('notifyAtRate', { perSecond, count });
    const arrivals = (await arrivalsOfAll(services, signal)).slice(warmUp);
    const latencies = arrivals.map((at, n) =>
      at === 0 ? undefined : at - dueAtMs({ startedAtMs, perSecond }, warmUp + n),
    );
    const latenciesMs = latencies.filter((ms) => ms !== undefined);
    return { latenciesMs, lost: arrivals.length - latenciesMs.length, cpuUs };
  } finally {
    await application.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Waits for what is still on its way. */
async function arrivalsOfAll(services: PhaseOptions['services'], signal: AbortSignal): Promise<readonly number[]> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const arrivals = await services.call('arrivals');
    if (waitedMs >= GRACE_MS || !arrivals.includes(0)) return [...arrivals];
    await setTimeout(POLL_MS, undefined, { signal });
  }
}
