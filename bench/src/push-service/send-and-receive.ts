import { setTimeout } from 'node:timers/promises';
import { type CpuShares, type RowProcesses, withCpuShares } from './row-processes.ts';
import type { SentMessages } from './sender-process.ts';

/** What became of the messages of one phase. */
export interface Delivered {
  readonly sent: SentMessages;
  /** By the messages' numbers; 0 for one that did not arrive. */
  readonly arrivedAtMs: Float64Array;
  readonly received: number;
  /** Accepted with 201, and not received. */
  readonly lost: number;
  /** Not accepted. */
  readonly refused: number;
  readonly unexpected: number;
  /** From the first POST to the last arrival. */
  readonly messagesPerSecond: number;
  readonly cpu: CpuShares;
}

/** After so long without any arrival, what has not arrived is lost. */
const LAST_ARRIVAL_MS = 5000;
const POLL_MS = 20;

/** Sends, and waits for everything that was accepted. */
export async function sendAndReceive(
  processes: RowProcesses,
  options: { readonly count: number; readonly send: () => Promise<SentMessages> },
): Promise<Delivered> {
  const { agents } = processes;
  await agents.call('expect', options.count);
  const { result: sent, cpu } = await withCpuShares(processes, async () => {
    const messages = await options.send();
    await arrival(processes, countOnes(messages.accepted));
    return messages;
  });
  const { arrivedAtMs, unexpected } = await agents.call('arrivals');
  const accepted = countOnes(sent.accepted);
  const lost = sent.accepted.reduce(
    (sum, was, sequence) => sum + (was === 1 && arrivedAtMs[sequence] === 0 ? 1 : 0),
    0,
  );
  const received = arrivedAtMs.reduce((sum, at) => sum + (at === 0 ? 0 : 1), 0);
  const lastMs = arrivedAtMs.reduce((latest, at) => Math.max(latest, at), 0);
  const messagesPerSecond = received === 0 ? 0 : Math.round(received / ((lastMs - sent.startedAtMs) / 1000));
  return { sent, arrivedAtMs, received, lost, refused: sent.sent - accepted, unexpected, messagesPerSecond, cpu };
}

async function arrival({ agents }: RowProcesses, expected: number): Promise<void> {
  let [before, quietMs] = [-1, 0];
  while (quietMs < LAST_ARRIVAL_MS) {
    const received = await agents.call('received');
    if (received >= expected) return;
    quietMs = received === before ? quietMs + POLL_MS : 0;
    before = received;
    await setTimeout(POLL_MS);
  }
}

function countOnes(flags: Uint8Array): number {
  return flags.reduce((sum, flag) => sum + flag, 0);
}
