import { aim, type BenchReport } from '../bench-report.ts';
import { machineFacts } from '../machine-facts.ts';
import { startProcess } from '../process/start-process.ts';
import type { SenderFunctions, SenderName, Slice } from './sender-process.ts';
import type { SinkFunctions } from './sink-process.ts';

export interface SendBenchOptions {
  /** Messages of each sender. */
  readonly messages: number;
  /** In so many turns, one sender after the other. */
  readonly turns: number;
  readonly inFlight: number;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** One sender's figures beside those of `web-push` in the same turns. */
export interface SendRow {
  readonly name: string;
  readonly latencyMs: number;
  /** CPU of the sending process for each message, all threads. */
  readonly belfryCpuUs: number;
  readonly webPushCpuUs: number;
  readonly cpuRatio: number;
  readonly belfryPerSecond: number;
  readonly webPushPerSecond: number;
  readonly throughputRatio: number;
}

export interface SendReport extends BenchReport, Omit<SendRow, 'name'> {
  readonly rows: readonly SendRow[];
}

const SENDERS: readonly SenderName[] = ['web-push', 'belfry', 'belfry-typescript'];

/** Messages over TLS to a local sink: what they cost their sender, and how fast they go. */
export async function sendBench(options: SendBenchOptions): Promise<SendReport> {
  const [native, typescript] = await measure({ ...options, latencyMs: 0 });
  const [nativeFar, typescriptFar] = await measure({ ...options, latencyMs: 50 });
  const aims = [
    aim('belfry.cpuRatio', { value: native.cpuRatio, atLeast: 4.5 }),
    aim('belfry.throughputRatio', { value: native.throughputRatio, atLeast: 4 }),
    aim('belfry-typescript.cpuRatio', { value: typescript.cpuRatio, atLeast: 3 }),
  ];
  const { name: _name, ...top } = native;
  return {
    bench: 'send',
    ...top,
    met: aims.every(({ met }) => met),
    aims,
    machine: machineFacts(),
    rows: [typescript, nativeFar, typescriptFar],
  };
}

async function measure(options: SendBenchOptions & { readonly latencyMs: number }): Promise<[SendRow, SendRow]> {
  const { messages, turns, inFlight, latencyMs, progress, signal } = options;
  const module = (name: string): URL => new URL(`./${name}-process.ts`, import.meta.url);
  const sink = startProcess<SinkFunctions>({ module: module('sink'), signal });
  const senders = SENDERS.map((name) => ({
    name,
    process: startProcess<SenderFunctions>({ module: module('sender'), signal }),
    slices: new Array<Slice>(),
  }));
  try {
    const address = await sink.call('start', { latencyMs });
    const count = Math.ceil(messages / turns);
    for (const { name, process } of senders) {
      await process.call('prepare', { name, sink: address });
      // Compiled, and connected.
      await process.call('send', { count: Math.min(count, 500), inFlight });
    }
    for (let turn = 1; turn <= turns; turn += 1) {
      for (const sender of senders) {
        await sink.call('taken');
        const slice = await sender.process.call('send', { count, inFlight });
        const taken = await sink.call('taken');
        if (taken !== slice.sent) throw new Error(`${sender.name} sent ${slice.sent} and the sink took ${taken}`);
        sender.slices.push(slice);
      }
      progress(`turn ${turn} of ${turns}, answers after ${latencyMs} ms: ${senders.map(inWords).join(' · ')}`);
    }
    const [webPush, native, typescript] = senders.map(({ slices }) => figures(slices));
    if (webPush === undefined || native === undefined || typescript === undefined) throw new Error('three senders ran');
    const suffix = latencyMs === 0 ? '' : `, ${latencyMs} ms away`;
    return [
      compared(`belfry${suffix}`, { latencyMs, belfry: native, webPush }),
      compared(`belfry-typescript${suffix}`, { latencyMs, belfry: typescript, webPush }),
    ];
  } finally {
    await Promise.all(senders.map(({ process }) => process.stop()));
    await sink.stop();
  }
}

interface Figures {
  readonly cpuUs: number;
  readonly perSecond: number;
}

/** The median turn: what else ran on the machine shows in single ones. */
function figures(slices: readonly Slice[]): Figures {
  return {
    cpuUs: median(slices.map(({ cpuMs, sent }) => (cpuMs * 1000) / sent)),
    perSecond: median(slices.map(({ wallMs, sent }) => (sent * 1000) / wallMs)),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function compared(
  name: string,
  { latencyMs, belfry, webPush }: { readonly latencyMs: number; readonly belfry: Figures; readonly webPush: Figures },
): SendRow {
  return {
    name,
    latencyMs,
    belfryCpuUs: Math.round(belfry.cpuUs),
    webPushCpuUs: Math.round(webPush.cpuUs),
    cpuRatio: rounded(webPush.cpuUs / belfry.cpuUs),
    belfryPerSecond: Math.round(belfry.perSecond),
    webPushPerSecond: Math.round(webPush.perSecond),
    throughputRatio: rounded(belfry.perSecond / webPush.perSecond),
  };
}

function inWords({ name, slices }: { readonly name: string; readonly slices: readonly Slice[] }): string {
  const { cpuUs, perSecond } = figures(slices.slice(-1));
  return `${name} ${Math.round(cpuUs)} µs, ${Math.round(perSecond)}/s`;
}

function rounded(ratio: number): number {
  return Math.round(ratio * 100) / 100;
}
