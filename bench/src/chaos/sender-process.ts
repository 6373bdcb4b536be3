import { appendFileSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { type Belfry, createBelfry, type Logger } from '@belfry/server';
import type { MessageStatus } from '@belfry/store';
import { serveCalls } from '../process/serve-calls.ts';
import { openBlackBox } from './black-box.ts';
import { type FastClock, fastClock, type Pace } from './fast-clock.ts';
import type { PushServerAddress } from './push-server.ts';
import { recordedStore } from './recorded-store.ts';
import { type StoreLocation, storeAt } from '../store/store-location.ts';

export interface SenderOptions {
  readonly store: StoreLocation;
  readonly pushService: PushServerAddress;
  readonly origins: readonly string[];
  readonly pace: Pace;
  /** By the sender's clock. */
  readonly leaseMs: number;
  readonly blackBox: string;
  /** Where it writes what it warns of. */
  readonly log: string;
}

export interface Broadcast {
  readonly message: number;
  /** In parts for each time zone. */
  readonly isByZone: boolean;
}

/** A local time that has passed everywhere: that is now. */
const LONG_AGO = '2020-01-01T00:00';

/** What the process of a sender does. */
export type SenderFunctions = ReturnType<typeof senderFunctions>;

function senderFunctions(): {
  /** @returns its process id */
  start(options: SenderOptions): Promise<number>;
  /** To all; the same number again is the same message. */
  notify(broadcast: Broadcast): Promise<string>;
  status(id: string): Promise<MessageStatus | undefined>;
  /** Ends the threads of this name at once, as a fault of theirs would. Returns how many there were. */
  endThreads(name: string): Promise<number>;
  /** Sets the clock, by so many of its milliseconds. */
  setClock(stepMs: number): Promise<void>;
  /** Opens a store in this process, beside the one that it has. Returns the error's text. */
  openAgain(store: StoreLocation): Promise<string>;
} {
  let belfry: Belfry | undefined;
  let clock: FastClock | undefined;
  const started = (): Belfry => {
    if (belfry === undefined) throw new TypeError('start first');
    return belfry;
  };
  return {
    async start({ store, pushService, origins, pace, leaseMs, blackBox, log }) {
      const note = openBlackBox(blackBox);
      clock = fastClock(pace);
      belfry = await createBelfry({
        store: async () => recordedStore(await storeAt(store)(), { speed: pace.speed, note }),
        subject: 'mailto:ops@example.com',
        origins: ['https://app.example.com'],
        authenticate: () => null,
        developmentPushServices: [{ endpointOrigins: origins, ...pushService }],
        clock,
        leaseMs,
        logger: fileLogger(log),
        env: {},
      });
      return process.pid;
    },
    async notify({ message, isByZone }) {
      const content = { type: 'chaos', payload: message };
      const at = isByZone ? { local: LONG_AGO } : undefined;
      const { id } = await started().notify({ all: true }, content, { idempotencyKey: `message ${message}`, at });
      return id;
    },
    status: (id) => started().messageStatus(id),
    async endThreads(name) {
      const named = [...threads].filter(({ threadName }) => threadName === name);
      await Promise.all(named.map((thread) => thread.terminate()));
      return named.length;
    },
    async setClock(stepMs) {
      clock?.set(stepMs);
    },
    async openAgain(store) {
      try {
        await (await storeAt(store)()).close();
        return 'opened';
      } catch (error) {
        return String(error);
      }
    },
  };
}

function fileLogger(path: string): Logger {
  const write = (text: string, fields: unknown): void => {
    try {
      appendFileSync(path, `${new Date().toISOString()} ${text} ${JSON.stringify(fields ?? {})}\n`);
    } catch {
      // A fault may have filled the disk, or taken all descriptors.
    }
  };
  return { info: write, warn: write, error: write };
}

/** Those that run. */
const threads = new Set<Worker>();
process.on('worker', (thread) => {
  threads.add(thread);
  thread.once('exit', () => threads.delete(thread));
});
serveCalls(senderFunctions());
