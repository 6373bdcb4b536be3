import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { branded } from '@belfry/protocol';
import type { Device } from '@belfry/store';
import { sqlite } from '@belfry/store/sqlite';
import type { Belfry } from '../belfry.ts';
import type { BelfryOptions } from '../belfry-options.ts';
import { createBelfry } from '../create-belfry.ts';
import type { Logger } from '../effects.ts';
import { FakeClock } from './fake-clock.test-data.ts';
import { type PushSink, startPushSink } from './push-sink.test-data.ts';

export const ORIGIN = 'https://app.example.com';
export const API_KEY = 'an-api-key-of-a-test';

/** A Belfry on a real store and a real connection to a push service of its own. */
export interface TestBelfry {
  readonly sink: PushSink;
  readonly clock: FakeClock;
  readonly log: string[];
  readonly path: string;
  belfry: Belfry;
  /** Closes Belfry and starts it again on the same store. */
  restart(change?: Partial<BelfryOptions>): Promise<void>;
  devicesOf(user: string): Promise<readonly Device[]>;
  post(route: string, options: PostOptions): Promise<Answer>;
  /** Lets the clock's timers run until it is so; time passes by `stepMs` each turn, little enough that no request times out. */
  until(isSo: () => boolean | Promise<boolean>, stepMs?: number): Promise<void>;
  /** Lets time pass until refusals have had their turn. */
  settled<Result>(answer: Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export interface PostOptions {
  readonly body?: unknown;
  readonly user?: string | null;
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export async function startTestBelfry(): Promise<TestBelfry> {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-server-'));
  const path = join(folder, 'belfry.db');
  const sink = await startPushSink();
  const clock = new FakeClock();
  const log: string[] = [];
  const options: BelfryOptions = {
    store: sqlite(path),
    subject: 'mailto:ops@example.com',
    origins: [ORIGIN],
    authenticate: (request) => request.headers.get('x-user'),
    apiKeys: [API_KEY, undefined],
    developmentPushServices: [sink.service],
    clock,
    logger: loggerInto(log),
    env: {},
  };
  const test: TestBelfry = {
    sink,
    clock,
    log,
    path,
    belfry: await createBelfry(options),
    async restart(change = {}) {
      await test.belfry.close();
      test.belfry = await createBelfry({ ...options, ...change });
    },
    async devicesOf(user) {
      await test.belfry.close();
      const store = await sqlite(path)();
      const devices = await store.devicesOfUser(branded(user));
      await store.close();
      test.belfry = await createBelfry(options);
      return devices;
    },
    async post(route, { body, user = 'ada', method = 'POST', headers = {} }) {
      const request = new Request(`${ORIGIN}/api/push${route}`, {
        method,
        headers: {
          'content-type': 'application/json',
          origin: ORIGIN,
          ...(user === null ? {} : { 'x-user': user }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const response = await test.belfry.handle(request);
      return { status: response.status, body: response.status === 204 ? null : await response.json() };
    },
    async until(isSo, stepMs = 0) {
      while (!(await isSo())) {
        clock.advance(stepMs);
        await setImmediate();
      }
    },
    async settled(answer) {
      let isSettled = false;
      void answer.finally(() => {
        isSettled = true;
      });
      await test.until(() => isSettled, 20);
      return await answer;
    },
    async close() {
      await test.belfry.close();
      await sink.close();
      await rm(folder, { recursive: true });
    },
  };
  return test;
}

function loggerInto(log: string[]): Logger {
  const write = (message: string, fields: unknown): void => void log.push(`${message} ${JSON.stringify(fields ?? {})}`);
  return { info: write, warn: write, error: write };
}
