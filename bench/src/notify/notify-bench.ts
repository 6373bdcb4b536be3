import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aim, type BenchReport } from '../bench-report.ts';
import { type LatencySummary, summarizeLatencies } from '../load/latencies.ts';
import { machineFacts } from '../machine-facts.ts';
import { startProcess } from '../process/start-process.ts';
import type { SinkFunctions } from '../send/sink-process.ts';
import type { Notified, NotifyFunctions, WireRequest } from './notify-process.ts';

export interface NotifyBenchOptions {
  /** Of the broadcast. */
  readonly devices: number;
  /** Messages to the user, in each row. */
  readonly messages: number;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface NotifyRow {
  readonly name: string;
  /** From the call of `notify` until the request is on the wire, for each of three devices. */
  readonly wire: LatencySummary;
  /** From the call of `notify` until it has returned: the message is on disk. */
  readonly durable: LatencySummary;
  /** Of the broadcast, meanwhile. */
  readonly broadcastPerSecond: number;
  readonly loopP99Ms: number;
}

export interface NotifyReport extends BenchReport {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rows: readonly NotifyRow[];
}

const EVERY_MS = 20;

/** How soon a message to a user is on the wire, alone and while a broadcast is running. */
export async function notifyBench(options: NotifyBenchOptions): Promise<NotifyReport> {
  const { devices, progress, signal } = options;
  const folder = await mkdtemp(join(tmpdir(), 'belfry-notify-'));
  const path = join(folder, 'belfry.db');
  const module = (name: string): URL => new URL(name, import.meta.url);
  const sink = startProcess<SinkFunctions>({ module: module('../send/sink-process.ts'), signal });
  const server = startProcess<NotifyFunctions>({ module: module('./notify-process.ts'), signal });
  try {
    const address = await sink.call('start', { latencyMs: 0 });
    progress(`saving ${devices} devices`);
    await server.call('fill', { path, origin: address.origin, devices });
    await server.call('open', { path, sink: address });
    const measure = async (name: string): Promise<NotifyRow> => {
      const before = await server.call('broadcastStatus');
      const notified = await server.call('notifyUser', { count: options.messages, everyMs: EVERY_MS });
      const { accepted, loopP99Ms } = await server.call('broadcastStatus');
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const row = {
        ...toRow(name, notified, await server.call('onTheWire')),
        loopP99Ms: Math.round(loopP99Ms * 10) / 10,
      };
      const seconds = ((notified.at(-1)?.returnedAtMs ?? 0) - (notified[0]?.calledAtMs ?? 0)) / 1000;
      progress(`${name}: p50 ${row.wire.p50Ms} ms, p99 ${row.wire.p99Ms} ms`);
      return { ...row, broadcastPerSecond: Math.round((accepted - before.accepted) / seconds) };
    };
    // Compiled, and connected.
    await server.call('notifyUser', { count: 50, everyMs: EVERY_MS });
    await server.call('onTheWire');
    const alone = await measure('alone');
    await server.call('startBroadcast');
    const during = await measure('during-a-broadcast');
    if (during.broadcastPerSecond === 0)
      throw new RangeError('The broadcast was over before it was measured: it needs more devices');
    const { p50Ms, p99Ms } = during.wire;
    const aims = [
      aim('during-a-broadcast.p50Ms', { value: p50Ms, below: 3 }),
      aim('during-a-broadcast.p99Ms', { value: p99Ms, below: 15 }),
    ];
    const met = aims.every((one) => one.met);
    return { bench: 'notify', p50Ms, p99Ms, met, aims, machine: machineFacts(), rows: [alone, during] };
  } finally {
    await Promise.all([server.stop(), sink.stop()]);
    await rm(folder, { recursive: true });
  }
}

function toRow(
  name: string,
  notified: readonly Notified[],
  requests: readonly WireRequest[],
): Omit<NotifyRow, 'loopP99Ms' | 'broadcastPerSecond'> {
  const calledAt = new Map(notified.map(({ ttlS, calledAtMs }) => [ttlS, calledAtMs]));
  const wire = requests.flatMap(({ ttlS, atMs }) => {
    const calledAtMs = calledAt.get(Math.ceil(ttlS / 10) * 10);
    return calledAtMs === undefined ? [] : [atMs - calledAtMs];
  });
  if (wire.length !== notified.length * 3) throw new Error(`${wire.length} of ${notified.length * 3} messages came`);
  return {
    name,
    wire: summarizeLatencies(wire),
    durable: summarizeLatencies(notified.map((one) => one.returnedAtMs - one.calledAtMs)),
  };
}
