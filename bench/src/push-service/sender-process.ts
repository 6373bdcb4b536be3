import { setTimeout } from 'node:timers/promises';
import { monotonicMs } from '../load/monotonic-ms.ts';
import { sendAtRate } from '../load/send-at-rate.ts';
import { sendInFlight } from '../load/send-in-flight.ts';
import { type ResourceUsage, resourceUsage } from '../process/resource-usage.ts';
import { serveCalls } from '../process/serve-calls.ts';
import { connectSender, type PrepareOptions, type Sender } from './connect-sender.ts';

/** What was sent, by the messages' numbers, which begin at 0 again. */
export interface SentMessages {
  /** On the machine's monotonic clock. */
  readonly startedAtMs: number;
  readonly sent: number;
  /** 1 for each message that was answered 201. */
  readonly accepted: Uint8Array;
}

/** What the process of the application server does. */
export type SenderFunctions = ReturnType<typeof senderFunctions>;

function senderFunctions(): {
  /** Encrypts and signs in advance: else that would be measured, on cores that the push service needs. */
  prepare(options: PrepareOptions): Promise<void>;
  sendInFlight(options: { readonly inFlight: number; readonly durationMs: number }): Promise<SentMessages>;
  sendAtRate(options: { readonly perSecond: number; readonly durationMs: number }): Promise<SentMessages>;
  usage(): ResourceUsage;
} {
  let sender: Sender | undefined;
  const begin = async (): Promise<ReturnType<Sender['begin']>> => {
    if (sender === undefined) throw new TypeError('prepare first');
    // Thousands of prepared messages, moved by a collection while others are sent, would hold these up (250 ms measured).
    await globalThis.gc?.({ execution: 'async' });
    return sender.begin();
  };
  return {
    async prepare(options) {
      sender = await connectSender(options);
    },
    async sendInFlight(options) {
      const { send, count, accepted } = await begin();
      const startedAtMs = monotonicMs();
      const sent = await sendInFlight(send, { ...options, count, now: monotonicMs });
      return { startedAtMs, sent, accepted };
    },
    async sendAtRate({ perSecond, durationMs }) {
      const { send, count: most, accepted } = await begin();
      const count = Math.min(most, Math.ceil((perSecond * durationMs) / 1000));
      const startedAtMs = await sendAtRate(send, { perSecond, count, now: monotonicMs, sleep: setTimeout });
      return { startedAtMs, sent: count, accepted };
    },
    usage: resourceUsage,
  };
}

serveCalls(senderFunctions());
