import type { PushSubscriptionJson } from '@belfry/testing';
import type { ConnectOptions } from './agents-process.ts';
import type { Row } from './row.ts';
import { type RowProcesses, withCpuShares } from './row-processes.ts';

/** For a line of progress now and then. */
const CONNECTIONS_PER_CALL = 1000;

/** Connects and subscribes the agents, with what that took of the push service. */
export async function connectAgents(
  processes: RowProcesses,
  options: ConnectOptions & { readonly settleMs: number; readonly progress: (text: string) => void },
): Promise<Pick<Row, 'connecting' | 'rssBytesPerConnection'> & { readonly subscriptions: PushSubscriptionJson[] }> {
  const { service, agents } = processes;
  const { progress, settleMs, count: connections, ...connect } = options;
  const subscriptions: PushSubscriptionJson[] = [];
  const rssBefore = await service.call('settledRssBytes', settleMs);
  const since = performance.now();
  const { cpu } = await withCpuShares(processes, async () => {
    while (subscriptions.length < connections) {
      const count = Math.min(CONNECTIONS_PER_CALL, connections - subscriptions.length);
      subscriptions.push(...(await agents.call('connect', { ...connect, count })));
      progress(`${subscriptions.length} of ${connections} connected`);
    }
  });
  const seconds = Math.round((performance.now() - since) / 100) / 10;
  const rssAfter = await service.call('settledRssBytes', settleMs);
  const rssBytesPerConnection = Math.round((rssAfter - rssBefore) / connections);
  progress(`${rssBytesPerConnection} bytes of RSS per connection`);
  return { subscriptions, rssBytesPerConnection, connecting: { seconds, cpu } };
}
