import type { VapidPublicKey } from '@belfry/protocol';
import { type PushSubscriptionJson, type ScriptedAgent, startScriptedAgent } from '@belfry/testing';
import { monotonicMs } from '../load/monotonic-ms.ts';
import { type ResourceUsage, resourceUsage } from '../process/resource-usage.ts';
import { serveCalls } from '../process/serve-calls.ts';
import { readNumbered } from './numbered-message.ts';
import type { ServiceAddress } from './service-process.ts';

export interface ConnectOptions {
  readonly pushService: ServiceAddress;
  readonly protocol: AgentProtocol;
  readonly applicationServerKey: VapidPublicKey;
  /** How many more agents. */
  readonly count: number;
}

export type AgentProtocol = 'autopush' | 'mcs';

export interface Arrivals {
  /** When each message arrived, by its number, on the machine's monotonic clock; 0 for one that did not. */
  readonly arrivedAtMs: Float64Array;
  /** That came a second time, or to the wrong agent. */
  readonly unexpected: number;
}

/** What the process of the scripted agents does. */
export type AgentsFunctions = ReturnType<typeof agentsFunctions>;

/** At once: so that handshakes overlap, without a full queue of connections. */
const CONNECTING = 50;

function agentsFunctions(): {
  connect(options: ConnectOptions): Promise<PushSubscriptionJson[]>;
  /** Forgets what has arrived, collects the garbage of it, and awaits as many messages. */
  expect(count: number): Promise<void>;
  received(): number;
  arrivals(): Arrivals;
  usage(): ResourceUsage;
} {
  const agents: ScriptedAgent[] = [];
  let started = 0;
  let arrivedAtMs = new Float64Array();
  let received = 0;
  let unexpected = 0;

  const receive = (agent: number, plaintext: Uint8Array): void => {
    const atMs = monotonicMs();
    const number = readNumbered(plaintext);
    if (number.agent !== agent || arrivedAtMs[number.sequence] !== 0) {
      unexpected += 1;
      return;
    }
    arrivedAtMs[number.sequence] = atMs;
    received += 1;
  };

  return {
    async connect({ count, ...options }) {
      const from = agents.length;
      const end = from + count;
      const connectInTurn = async (): Promise<void> => {
        while (started < end) {
          const index = started++;
          agents[index] = await startScriptedAgent({ ...options, onPush: ({ bytes }) => receive(index, bytes) });
        }
      };
      await Promise.all(Array.from({ length: CONNECTING }, connectInTurn));
      return agents.slice(from, end).map(({ subscription }) => subscription);
    },
    async expect(count) {
      arrivedAtMs = new Float64Array(count);
      received = 0;
      unexpected = 0;
      await globalThis.gc?.({ execution: 'async' });
    },
    received: () => received,
    arrivals: () => ({ arrivedAtMs, unexpected }),
    usage: resourceUsage,
  };
}

serveCalls(agentsFunctions());
