import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { generateVapidKeys } from '@belfry/protocol';
import { summarizeLatencies } from '../load/latencies.ts';
import { dueAtMs } from '../load/send-at-rate.ts';
import { connectAgents } from './connect-agents.ts';
import type { PeakLevel, Row } from './row.ts';
import type { RowContext, RowOptions } from './row-options.ts';
import { type RowProcesses, startRowProcesses } from './row-processes.ts';
import { type Delivered, sendAndReceive } from './send-and-receive.ts';
import type { SentMessages } from './sender-process.ts';

/** How many messages wait for their answer: the best of these is the peak. */
const LEVELS = [16, 64, 256] as const;

/** More than has been seen. So many are encrypted in advance, for the longest phase at the peak. */
const MOST_PER_SECOND = 10_000;

/** Measures one variant, with processes and a data folder of its own. */
export async function measureRow(options: RowOptions, context: RowContext): Promise<Row> {
  await mkdir(context.dataRoot, { recursive: true });
  const dataDir = await mkdtemp(join(context.dataRoot, 'bench-'));
  const processes = startRowProcesses(context.signal);
  const progress = (text: string): void => context.progress(`${options.name}: ${text}`);
  try {
    return await measure(options, { ...context, progress, processes, dataDir });
  } finally {
    await processes.stop();
    await rm(dataDir, { recursive: true });
  }
}

async function measure(
  { name, protocol, connections, durable, settleMs, peakMs, latencyMs }: RowOptions,
  context: RowContext & { readonly processes: RowProcesses; readonly dataDir: string },
): Promise<Row> {
  const { processes, dataDir, profileDir, progress } = context;
  const { service, sender } = processes;
  const pushService = await service.call('start', durable ? { dataDir } : {});
  const vapidKeys = generateVapidKeys();
  const { subscriptions, ...connected } = await connectAgents(processes, {
    pushService,
    protocol,
    applicationServerKey: vapidKeys.publicKey,
    count: connections,
    settleMs,
    progress,
  });

  const count = Math.ceil((MOST_PER_SECOND * peakMs) / 1000);
  progress(`encrypting ${count} messages`);
  await sender.call('prepare', { pushService, subscriptions, vapidKeys, count });
  const phases: Delivered[] = [];
  const phase = async (send: () => Promise<SentMessages>): Promise<Delivered> => {
    const delivered = await sendAndReceive(processes, { count, send });
    phases.push(delivered);
    return delivered;
  };

  const levels: PeakLevel[] = [];
  for (const inFlight of LEVELS) {
    const { messagesPerSecond, cpu } = await phase(() => sender.call('sendInFlight', { inFlight, durationMs: peakMs }));
    levels.push({ inFlight, messagesPerSecond, cpu });
    progress(`${messagesPerSecond} messages per second with ${inFlight} in flight`);
  }
  const peak = levels.reduce((best, level) => (level.messagesPerSecond > best.messagesPerSecond ? level : best));

  const perSecond = peak.messagesPerSecond / 2;
  const paced = await phase(() => sender.call('sendAtRate', { perSecond, durationMs: latencyMs }));
  const latency = summarizeLatencies(latenciesMs(paced, perSecond));
  progress(`p99 ${latency.p99Ms} ms at ${perSecond} messages per second`);

  if (profileDir !== undefined) {
    // A phase of its own, since profiling slows what it profiles.
    await service.call('startCpuProfile');
    await phase(() => sender.call('sendInFlight', { inFlight: peak.inFlight, durationMs: peakMs }));
    await service.call('writeCpuProfile', join(profileDir, `push-service-${name}.cpuprofile`));
  }
  const total = (figure: (delivered: Delivered) => number): number =>
    phases.reduce((sum, each) => sum + figure(each), 0);
  return {
    name,
    connections,
    durable,
    rssBytesPerConnection: connected.rssBytesPerConnection,
    messagesPerSecond: peak.messagesPerSecond,
    p99Ms: latency.p99Ms,
    lost: total(({ lost }) => lost),
    refused: total(({ refused }) => refused),
    unexpected: total(({ unexpected }) => unexpected),
    received: total(({ received }) => received),
    connecting: connected.connecting,
    levels,
    latency: { ...latency, offeredPerSecond: perSecond, cpu: paced.cpu },
  };
}

/** From when each message was to be sent, so that a sender that is late adds to it. */
function latenciesMs({ sent, arrivedAtMs }: Delivered, perSecond: number): number[] {
  const schedule = { startedAtMs: sent.startedAtMs, perSecond };
  return [...arrivedAtMs].flatMap((at, sequence) => (at === 0 ? [] : [at - dueAtMs(schedule, sequence)]));
}
