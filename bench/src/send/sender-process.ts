import { createECDH, randomBytes } from 'node:crypto';
import { encodeBase64Url, generateVapidKeys } from '@belfry/protocol';
import { monotonicMs } from '../load/monotonic-ms.ts';
import { sendInFlight } from '../load/send-in-flight.ts';
import { resourceUsage } from '../process/resource-usage.ts';
import { serveCalls } from '../process/serve-calls.ts';
import { belfrySender } from './belfry-sender.ts';
import type { Send, SubscriptionJson } from './send.ts';
import type { SinkAddress } from './sink-process.ts';
import { webPushSender } from './web-push-sender.ts';

export type SenderName = 'belfry' | 'belfry-typescript' | 'web-push';

/** What some messages cost. */
export interface Slice {
  readonly sent: number;
  /** Of this process, all threads, user and system. */
  readonly cpuMs: number;
  readonly wallMs: number;
}

const SUBSCRIPTIONS = 100;
/** As long as the JSON of a notification. */
const TEXT = JSON.stringify({ title: 'Expense approved', body: '#4821', url: '/expenses/4821', tag: 'expense' }).padEnd(
  200,
);

/** What the process of one sender does. */
export type SenderFunctions = ReturnType<typeof senderFunctions>;

function senderFunctions(): {
  prepare(options: { readonly name: SenderName; readonly sink: SinkAddress }): Promise<void>;
  send(options: { readonly count: number; readonly inFlight: number }): Promise<Slice>;
} {
  let send: Send | undefined;
  let subscriptions: readonly SubscriptionJson[] = [];
  return {
    async prepare({ name, sink }) {
      subscriptions = Array.from({ length: SUBSCRIPTIONS }, () => newSubscription(sink.origin));
      const context = { sink, vapidKeys: generateVapidKeys(), subscriptions };
      send = name === 'web-push' ? webPushSender(context) : await belfrySender(context, { native: name === 'belfry' });
    },
    async send({ count, inFlight }) {
      const sendOne = send;
      if (sendOne === undefined) throw new TypeError('prepare first');
      const one = async (sequence: number): Promise<void> => {
        const subscription = subscriptions[sequence % subscriptions.length];
        if (subscription !== undefined) await sendOne(subscription, TEXT);
      };
      const before = resourceUsage();
      const startedAtMs = monotonicMs();
      const durationMs = Number.POSITIVE_INFINITY;
      const sent = await sendInFlight(one, { inFlight, count, durationMs, now: monotonicMs });
      const wallMs = monotonicMs() - startedAtMs;
      return { sent, wallMs, cpuMs: resourceUsage().cpuMs - before.cpuMs };
    },
  };
}

function newSubscription(origin: string): SubscriptionJson {
  const keyPair = createECDH('prime256v1');
  const keys = { p256dh: encodeBase64Url(keyPair.generateKeys()), auth: encodeBase64Url(randomBytes(16)) };
  return { endpoint: `${origin}/wpush/v2/${encodeBase64Url(randomBytes(32))}`, keys };
}

serveCalls(senderFunctions());
