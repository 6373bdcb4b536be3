import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateVapidKeys } from '@belfry/protocol';
import type { PersonaName, PushService } from '@belfry/push-service';
import { type BelfryOptions, createBelfry, type DeviceOutcome, type Logger, type NotifyOptions } from '@belfry/server';
import { sqlite } from '@belfry/store/sqlite';

const ORIGIN = 'https://app.example.com';

/** Keys that subscriptions are made for, of which the sender has the first. */
export const KEYS = { own: generateVapidKeys(), foreign: generateVapidKeys() };

export interface NewDevice {
  readonly persona: PersonaName;
  /** Whose key the subscription is made for; default the sender's own. */
  readonly madeFor?: keyof typeof KEYS;
  /** Replaces the endpoint by one that was never given out. */
  readonly isUnknown?: boolean;
}

/** A Belfry that sends to a local push service by its own transport, as each persona's own origin. */
export interface Sender {
  /** Everything that was logged. */
  readonly log: string[];
  /** Subscribes a new device, the only one of its user; answers its endpoint. */
  subscribe(user: string, device: NewDevice): Promise<string>;
  /** What came of a message at the one device of a user. */
  send(user: string, options?: NotifyOptions & { readonly body?: string }): Promise<DeviceOutcome | undefined>;
  /** Closes, and throws where the log holds anything of a subscription. */
  close(): Promise<void>;
}

export async function startSender(pushService: PushService, change: Partial<BelfryOptions> = {}): Promise<Sender> {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-sender-'));
  const log: string[] = [];
  const secrets: string[] = [];
  const { endpointOrigins, personaOrigins } = pushService;
  const belfry = await createBelfry({
    store: sqlite(join(folder, 'belfry.db')),
    subject: 'mailto:ops@example.com',
    origins: [ORIGIN],
    authenticate: (request) => request.headers.get('x-user'),
    vapid: [KEYS.own],
    developmentPushServices: [
      { ...pushService, endpointOrigins: [...new Set([...endpointOrigins, ...Object.values(personaOrigins)])] },
    ],
    logger: loggerInto(log),
    env: {},
    ...change,
  });

  return {
    log,
    async subscribe(user, { persona, madeFor = 'own', isUnknown = false }) {
      const applicationServerKey = KEYS[madeFor].publicKey;
      const { endpoint: known, keys } = pushService.createSubscription({ persona, applicationServerKey });
      const endpoint = isUnknown ? `${known.slice(0, -1)}${known.endsWith('A') ? 'B' : 'A'}` : known;
      secrets.push(endpoint, keys.p256dh, keys.auth);
      const response = await belfry.handle(
        new Request(`${ORIGIN}/api/push/subscribe`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', origin: ORIGIN, 'x-user': user },
          body: JSON.stringify({ endpoint, keys }),
        }),
      );
      if (response.status !== 201) throw new Error(`subscribing answered ${response.status}`);
      return endpoint;
    },
    async send(user, { body = '', ...options } = {}) {
      const notified = await belfry.notify(user, { title: 'x', body }, options);
      const [outcome] = await notified.settled();
      return outcome;
    },
    async close() {
      await belfry.close();
      await rm(folder, { recursive: true });
      const told = secrets.find((secret) => log.some((line) => line.includes(secret)));
      if (told !== undefined) throw new Error(`the log holds ${told}`);
    },
  };
}

function loggerInto(log: string[]): Logger {
  const write = (message: string, fields: unknown): void => void log.push(`${message} ${JSON.stringify(fields ?? {})}`);
  return { info: write, warn: write, error: write };
}
