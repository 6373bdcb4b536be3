import { setTimeout } from 'node:timers/promises';
import type { ScriptedSubscriptionJson } from '@belfry/push-service';
import { type Belfry, createBelfry } from '@belfry/server';
import { sqlite } from '@belfry/store/sqlite';
import { monotonicMs } from '../load/monotonic-ms.ts';
import { sendAtRate } from '../load/send-at-rate.ts';
import { resourceUsage } from '../process/resource-usage.ts';
import { serveCalls } from '../process/serve-calls.ts';
import { DEAD_DOMAIN, type ServiceAddress } from './dead-host.ts';
import { transportToDeadOrigins } from './transport-to-dead-origins.ts';

/** The server takes ten push services of one user. */
const ORIGINS_PER_USER = 10;

/** Users with devices at hosts that do not answer, `ORIGINS_PER_USER` each. */
export interface DeadOrigins {
  readonly count: number;
  /** All of them are there. */
  readonly service: ServiceAddress;
  /** One message goes to such a user after so many others: ten deliveries. */
  readonly everyMessages: number;
}

export interface ApplicationOptions {
  readonly databasePath: string;
  readonly pushServices: readonly ServiceAddress[];
  /** One user for each. */
  readonly subscriptions: readonly ScriptedSubscriptionJson[];
  /** Where the second device of each user is; without it, each has one. */
  readonly deadOrigin: string | undefined;
  /** Without them, all push services are known by name. */
  readonly deadOrigins: DeadOrigins | undefined;
}

export interface RateRun {
  /** When the first message was due, on the machine's monotonic clock. */
  readonly startedAtMs: number;
  /** CPU time of the process for each message, all its threads. */
  readonly cpuUs: number;
}

/** What the process of the application does. */
export type ApplicationFunctions = ReturnType<typeof applicationFunctions>;

const ORIGIN = 'https://app.example.com';

function applicationFunctions(): {
  start(options: ApplicationOptions): Promise<void>;
  /** A message to each user in turn. */
  notifyAtRate(options: { readonly perSecond: number; readonly count: number }): Promise<RateRun>;
} {
  let belfry: Belfry | undefined;
  let deadUsers = 0;
  let everyMessages = Number.POSITIVE_INFINITY;
  const notifyDeadUser = async (running: Belfry, turn: number): Promise<void> => {
    await running.notify(`dead-user-${turn % deadUsers}`, { title: 'Hello', body: 'You may never read this' });
  };
  return {
    async start({ databasePath, pushServices, subscriptions, deadOrigin, deadOrigins }) {
      belfry = await createBelfry({
        store: sqlite(databasePath),
        subject: 'mailto:ops@example.com',
        origins: [ORIGIN],
        authenticate: (request) => request.headers.get('x-user'),
        developmentPushServices: pushServices,
        ...(deadOrigins === undefined
          ? {}
          : {
              allowedPushHosts: [`*.${DEAD_DOMAIN}`],
              transport: transportToDeadOrigins({ known: pushServices, dead: deadOrigins.service }),
            }),
        logger: { info() {}, warn() {}, error() {} },
        env: {},
      });
      for (const [user, subscription] of subscriptions.entries()) {
        await subscribe(belfry, { user: `user-${user}`, subscription });
        if (deadOrigin === undefined) continue;
        const endpoint = `${deadOrigin}/wpush/${user}`;
        await subscribe(belfry, { user: `user-${user}`, subscription: { ...subscription, endpoint } });
      }
      const [like] = subscriptions;
      if (deadOrigins === undefined || like === undefined) return;
      everyMessages = deadOrigins.everyMessages;
      deadUsers = Math.ceil(deadOrigins.count / ORIGINS_PER_USER);
      for (let n = 0; n < deadOrigins.count; n += 1) {
        const subscription = { ...like, endpoint: `https://${n}.${DEAD_DOMAIN}/push/${n}` };
        await subscribe(belfry, { user: `dead-user-${Math.floor(n / ORIGINS_PER_USER)}`, subscription });
      }
      // As after a while: for each of them something waits, and comes again now and then.
      for (let user = 0; user < deadUsers; user += 1) await notifyDeadUser(belfry, user);
    },
    async notifyAtRate(load) {
      const running = belfry;
      if (running === undefined) throw new TypeError('start first');
      const send = async (user: number): Promise<void> => {
        const notified = running.notify(`user-${user}`, { title: 'Hello', body: `You are number ${user}` });
        if (user % everyMessages === 0) await notifyDeadUser(running, user / everyMessages);
        await notified;
      };
      const before = resourceUsage();
      const startedAtMs = await sendAtRate(send, { ...load, now: monotonicMs, sleep: setTimeout });
      return { startedAtMs, cpuUs: ((resourceUsage().cpuMs - before.cpuMs) * 1000) / load.count };
    },
  };
}

async function subscribe(
  belfry: Belfry,
  {
    user,
    subscription,
  }: { readonly user: string; readonly subscription: Pick<ScriptedSubscriptionJson, 'endpoint' | 'keys'> },
): Promise<void> {
  const { endpoint, keys } = subscription;
  const headers = { 'content-type': 'application/json', origin: ORIGIN, 'x-user': user };
  const body = JSON.stringify({ endpoint, keys, origin: ORIGIN });
  const { status } = await belfry.handle(
    new Request(`${ORIGIN}/api/push/subscribe`, { method: 'POST', headers, body }),
  );
  if (status !== 201) throw new Error(`A device could not be subscribed: ${status}`);
}

serveCalls(applicationFunctions());
