import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { belfryFastify } from '@belfry/fastify';
import { encodeBase64Url, generateVapidKeys } from '@belfry/protocol';
import { postgres } from '@belfry/store/postgres';
import Fastify, { type FastifyInstance } from 'fastify';
import { monotonicMs } from '../load/monotonic-ms.ts';
import { dueAtMs, sendAtRate } from '../load/send-at-rate.ts';
import { type ResourceUsage, resourceUsage } from '../process/resource-usage.ts';
import { serveCalls } from '../process/serve-calls.ts';
import type { NeighboursOptions } from './neighbours.ts';

/** What the process of the application does. */
export type ApplicationFunctions = ReturnType<typeof applicationFunctions>;

const ORIGIN = 'https://app.example.com';
const COOKIE = 'session=ada';
const API_KEY = 'an-api-key-of-the-bench';

/** Where it listens, and what its user, its device and its application need to ask. */
export type Listening = Pick<NeighboursOptions, 'port' | 'cookie' | 'apiKey' | 'device'>;

function applicationFunctions(): {
  /** Listens on the loopback interface, with a user who has one device. */
  start(options: { readonly url: string; readonly schema: string }): Promise<Listening>;
  /** A message to the user at a steady rate: from when each was due to when `notify` returned. */
  notifyAtRate(options: { readonly perSecond: number; readonly count: number }): Promise<number[]>;
  usage(): ResourceUsage;
} {
  let app: FastifyInstance | undefined;
  return {
    usage: resourceUsage,
    async start({ url, schema }) {
      // Whoever is in front says which client it is, so that the flood may have as many addresses as it likes.
      app = Fastify({ trustProxy: '127.0.0.1' });
      await app.register(belfryFastify, {
        store: postgres({ url, schema }),
        subject: 'mailto:ops@example.com',
        origins: [ORIGIN],
        authenticate: (request) => /^session=(?<user>\w+)$/v.exec(request.headers.cookie ?? '')?.groups?.['user'],
        apiKeys: [API_KEY],
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
      const device = {
        endpoint: 'https://fcm.googleapis.com/fcm/send/token',
        keys: { p256dh: generateVapidKeys().publicKey, auth: 'A'.repeat(22) },
        deviceSecret: encodeBase64Url(randomBytes(32)),
      };
      const response = await app.inject({
        method: 'POST',
        url: '/api/push/subscribe',
        headers: { origin: ORIGIN, cookie: COOKIE },
        payload: device,
      });
      if (response.statusCode !== 201) throw new Error(`The device could not be subscribed: ${response.statusCode}`);
      const { deviceId } = response.json().data;
      const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0, backlog: 8192 })).port);
      return { port, cookie: COOKIE, apiKey: API_KEY, device: { ...device, deviceId } };
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
