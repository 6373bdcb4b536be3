import { setTimeout } from 'node:timers/promises';
import type { ScriptedSubscriptionJson } from '@belfry/push-service';
import { type Belfry, createBelfry } from '@belfry/server';
import { sqlite } from '@belfry/store/sqlite';
import { monotonicMs } from '../load/monotonic-ms.ts';
import { sendAtRate } from '../load/send-at-rate.ts';
import { serveCalls } from '../process/serve-calls.ts';
import type { ServiceAddress } from './services-process.ts';

export interface ApplicationOptions {
  readonly databasePath: string;
  readonly pushServices: readonly ServiceAddress[];
  /** One user for each. */
  readonly subscriptions: readonly ScriptedSubscriptionJson[];
  /** Where the second device of each user is; without it, each has one. */
  readonly deadOrigin: string | undefined;
}

/** What the process of the application does. */
export type ApplicationFunctions = ReturnType<typeof applicationFunctions>;

const ORIGIN = 'https://app.example.com';

function applicationFunctions(): {
  start(options: ApplicationOptions): Promise<void>;
  /** A message to each user in turn; answers when the first was due, on the machine's monotonic clock. */
  notifyAtRate(options: { readonly perSecond: number; readonly count: number }): Promise<number>;
} {
  let belfry: Belfry | undefined;
  return {
    async start({ databasePath, pushServices, subscriptions, deadOrigin }) {
      belfry = await createBelfry({
        store: sqlite(databasePath),
        subject: 'mailto:ops@example.com',
        origins: [ORIGIN],
        authenticate: (request) => request.headers.get('x-user'),
        developmentPushServices: pushServices,
        logger: { info() {}, warn() {}, error() {} },
        env: {},
      });
      for (const [user, subscription] of subscriptions.entries()) {
        await subscribe(belfry, { user, subscription });
        if (deadOrigin === undefined) continue;
        await subscribe(belfry, { user, subscription: { ...subscription, endpoint: `${deadOrigin}/wpush/${user}` } });
      }
    },
    async notifyAtRate(load) {
      const running = belfry;
      if (running === undefined) throw new TypeError('start first');
      const send = async (user: number): Promise<void> => {
        await running.notify(`user-${user}`, { title: 'Hello', body: `You are number ${user}` });
      };
      return await sendAtRate(send, { ...load, now: monotonicMs, sleep: setTimeout });
    },
  };
}

async function subscribe(
  belfry: Belfry,
  {
    user,
    subscription,
  }: { readonly user: number; readonly subscription: Pick<ScriptedSubscriptionJson, 'endpoint' | 'keys'> },
): Promise<void> {
  const { endpoint, keys } = subscription;
  const headers = { 'content-type': 'application/json', origin: ORIGIN, 'x-user': `user-${user}` };
  const body = JSON.stringify({ endpoint, keys, origin: ORIGIN });
  const { status } = await belfry.handle(
    new Request(`${ORIGIN}/api/push/subscribe`, { method: 'POST', headers, body }),
  );
  if (status !== 201) throw new Error(`A device could not be subscribed: ${status}`);
}

serveCalls(applicationFunctions());
