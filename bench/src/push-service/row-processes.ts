import { cpuShare, machineUsage, type ResourceUsage } from '../process/resource-usage.ts';
import { type BenchProcess, startProcess } from '../process/start-process.ts';
import type { AgentsFunctions } from './agents-process.ts';
import type { SenderFunctions } from './sender-process.ts';
import type { ServiceFunctions } from './service-process.ts';

/** The three processes of a row. */
export interface RowProcesses {
  readonly service: BenchProcess<ServiceFunctions>;
  readonly agents: BenchProcess<AgentsFunctions>;
  readonly sender: BenchProcess<SenderFunctions>;
  stop(): Promise<void>;
}

/** Shares of one core while something was done. Which process is near 1 is the one that limits. */
export interface CpuShares {
  readonly service: number;
  readonly agents: number;
  readonly sender: number;
  /** Of whatever else runs on the machine; the less, the more the figures are worth. */
  readonly others: number;
}

/**
 * A heap so large that agents and sender collect no garbage while messages are on their way. With 10,000 agents in a
 * process that takes 30 to 120 ms (measured), in which none of them receives: with V8's own sizes, p99 was that of these
 * collections, and not of the push service. The push service runs with V8's own.
 */
const LARGE_HEAP = [
  '--expose-gc',
  '--initial-heap-size=4096',
  '--min-semi-space-size=512',
  '--max-semi-space-size=512',
] as const;

export function startRowProcesses(signal: AbortSignal): RowProcesses {
  const module = (name: string): URL => new URL(`./${name}-process.ts`, import.meta.url);
  const service = startProcess<ServiceFunctions>({ module: module('service'), execArgv: ['--expose-gc'], signal });
  const agents = startProcess<AgentsFunctions>({ module: module('agents'), execArgv: LARGE_HEAP, signal });
  const sender = startProcess<SenderFunctions>({ module: module('sender'), execArgv: LARGE_HEAP, signal });
  return {
    service,
    agents,
    sender,
    // The service last: the others would see their connections break.
    stop: async () => {
      await Promise.all([sender.stop(), agents.stop()]);
      await service.stop();
    },
  };
}

/** What each process used of the CPU during some work. */
export async function withCpuShares<Result>(
  processes: RowProcesses,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly cpu: CpuShares }> {
  const before = await usageOf(processes);
  const result = await work();
  const after = await usageOf(processes);
  const service = cpuShare(before.service, after.service);
  const agents = cpuShare(before.agents, after.agents);
  const sender = cpuShare(before.sender, after.sender);
  const others = cpuShare(before.machine, after.machine) - service - agents - sender;
  return { result, cpu: { service, agents, sender, others: Math.max(0, Math.round(others * 100) / 100) } };
}

async function usageOf({
  service,
  agents,
  sender,
}: RowProcesses): Promise<Record<'service' | 'agents' | 'sender' | 'machine', ResourceUsage>> {
  const [ofService, ofAgents, ofSender] = await Promise.all([
    service.call('usage'),
    agents.call('usage'),
    sender.call('usage'),
  ]);
  return { service: ofService, agents: ofAgents, sender: ofSender, machine: machineUsage() };
}
