import { setTimeout } from 'node:timers/promises';
import { belfryFastify } from '@belfry/fastify';
import { generateVapidKeys } from '@belfry/protocol';
import { postgres } from '@belfry/store/postgres';
import Fastify, { type FastifyInstance } from 'fastify';
import { monotonicMs } from '../load/monotonic-ms.ts';
import { dueAtMs, sendAtRate } from '../load/send-at-rate.ts';
import { serveCalls } from '../process/serve-calls.ts';

/** What the process of the application does. */
export type ApplicationFunctions = ReturnType<typeof applicationFunctions>;

const ORIGIN = 'https://app.example.com';

function applicationFunctions(): {
  /** Listens on the loopback interface, with a user who has one device; answers the port. */
  start(options: { readonly url: string; readonly schema: string }): Promise<number>;
  /** A message to the user at a steady rate: from when each was due to when `notify` returned. */
  notifyAtRate(options: { readonly perSecond: number; readonly count: number }): Promise<number[]>;
} {
  let app: FastifyInstance | undefined;
  return {
    async start({ url, schema }) {
      // Whoever is in front says which client it is, so that the flood may have as many addresses as it likes.
      app = Fastify({ trustProxy: '127.0.0.1' });
      await app.register(belfryFastify, {
        store: postgres({ url, schema }),
        subject: 'mailto:ops@example.com',
        origins: [ORIGIN],
        authenticate: (request) => request.headers['x-user']?.toString(),
        transport: {
          send: async () => ({ kind: 'answer', status: 201, headers: {}, body: '' }),
          pause() {},
          refusal: () => undefined,
          isProven: () => true,
          provenOrigins: () => [],
          close() {},
        },
        logger: { info() {}, warn() {}, error() {} },
        env: {},
      });
      const { statusCode } = await app.inject({
        method: 'POST',
        url: '/api/push/subscribe',
        headers: { origin: ORIGIN, 'x-user': 'ada' },
        payload: {
          endpoint: 'https://fcm.googleapis.com/fcm/send/token',
          keys: { p256dh: generateVapidKeys().publicKey, auth: 'A'.repeat(22) },
        },
      });
      if (statusCode !== 201) throw new Error(`The device could not be subscribed: ${statusCode}`);
      return Number(new URL(await app.listen({ host: '127.0.0.1', port: 0, backlog: 8192 })).port);
    },
    async notifyAtRate({ perSecond, count }) {
      const running = app;
      if (running === undefined) throw new TypeError('start first');
      const returnedAtMs = new Float64Array(count);
      const send = async (message: number): Promise<void> => {
        await running.notify('ada', { title: 'Hello', body: `You are number ${message}` });
        returnedAtMs[message] = monotonicMs();
      };
      const startedAtMs = await sendAtRate(send, { perSecond, count, now: monotonicMs, sleep: setTimeout });
      return Array.from(returnedAtMs, (atMs, message) => atMs - dueAtMs({ startedAtMs, perSecond }, message));
    },
  };
}

serveCalls(applicationFunctions());
