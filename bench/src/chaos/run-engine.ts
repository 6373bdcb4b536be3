import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProcess } from '../process/start-process.ts';
import { startDatabase } from './chaos-database.ts';
import type { EngineRow } from './chaos-report.ts';
import type { PushServiceFunctions } from './push-service-process.ts';
import { runRounds } from './run-rounds.ts';
import { saveSubscriptions } from './save-subscriptions.ts';
import { Senders } from './senders.ts';
import { type Engine, storeAt } from '../store/store-location.ts';

export interface EngineOptions {
  readonly engine: Engine;
  readonly rounds: number;
  readonly subscriptions: number;
  readonly seed: number;
  /** How much faster the senders' clocks are. */
  readonly speed: number;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Few, since each is given four pages at once: that is what a sender that dies has under way. */
const ORIGINS: readonly string[] = ['https://localhost:20001', 'https://localhost:20002'];
/** By the senders' clock: the margin of 35 s, and time for pages to begin on a busy machine. */
const LEASE_MS = 60_000;
/** Faults for so many subscriptions: fewer have more of them each, that there are some. */
const USUAL_SUBSCRIPTIONS = 20_000;
const MOST_FAULTS = 8;

/** Rounds on one engine, each with a broadcast to the same subscriptions. */
export async function runEngine(options: EngineOptions): Promise<EngineRow> {
  const { engine, subscriptions: count, seed, speed, signal } = options;
  const folder = await mkdtemp(join(tmpdir(), `belfry-chaos-${engine}-`));
  const database = await startDatabase(engine, folder);
  const module = new URL('./push-service-process.ts', import.meta.url);
  const pushService = startProcess<PushServiceFunctions>({ module, signal });
  let senders: Senders | undefined;
  // Also those that were being started when a round failed.
  const ended = new AbortController();
  try {
    const faultFactor = Math.min(Math.max(USUAL_SUBSCRIPTIONS / count, 1), MOST_FAULTS);
    const service = { subscriptions: count, origins: ORIGINS, seed, faultFactor };
    const { subscriptions, ...address } = await pushService.call('start', service);
    await saveSubscriptions(storeAt(database.store), subscriptions);
    senders = new Senders({
      store: database.store,
      pushService: address,
      origins: ORIGINS,
      pace: { speed, sinceMs: Date.now() },
      leaseMs: LEASE_MS,
      count: database.senders,
      folder,
      signal: AbortSignal.any([signal, ended.signal]),
    });
    await senders.start();
    const leaseMs = LEASE_MS / speed;
    const row = await runRounds({
      ...options,
      store: database.store,
      pushService,
      senders,
      leaseMs,
      restartDatabase: database.restart,
    });
    await senders.close();
    await rm(folder, { recursive: true });
    return { name: engine, senders: database.senders, ...row };
  } catch (error) {
    options.progress(`${engine}: the senders' logs are in ${folder}`);
    throw error;
  } finally {
    ended.abort();
    await senders?.close();
    await pushService.stop();
    await database.stop();
  }
}
