import { randomUUID } from 'node:crypto';
import { boundPending, MAX_PENDING_PROOFS } from '../bound-pending.ts';
import { StoreError } from '../errors.ts';
import type { OpenStore, Store, StoreEffects } from '../store.ts';
import { checkSettings } from './check-settings.ts';
import type { Durability } from './commit-to-disk.ts';
import { type Database, openDatabase } from './database.ts';
import { createDeviceQueue, type DeviceQueue } from './device-queue.ts';
import type { PostgresEffects } from './effects.ts';
import { toStoreError } from './failure.ts';
import { migrate } from './migrate.ts';
import { prepareOperations } from './operations.ts';
import { type SchemaWatch, watchSchema } from './schema-watch.ts';
import { openWorkChannel, type WorkChannel } from './work-channel.ts';

export interface PostgresOptions {
  /**
   * `postgres://user:password@host:port/database`. It may lead to a transaction pooler that knows prepared statements
   * (PgBouncer from 1.21 on).
   */
  readonly url: string;
  /** Where everything of this store is, made if it is not there: one application, one schema. Default `belfry`. */
  readonly schema?: string;
  /** A url around the pooler, for the one connection that hears of new work. Default: `url`. */
  readonly listenUrl?: string;
  /** Connections at most, besides the one that listens and two that prove devices. Default 10. */
  readonly maxConnections?: number;
  /**
   * `disk`: a promise of this store resolves when PostgreSQL has its commit on its disk, whatever `synchronous_commit` the role or the
   * database has. `database`: when PostgreSQL says so; with `synchronous_commit = off` a crash of the server loses what it had
   * acknowledged in the last second. Default `disk`.
   */
  readonly durability?: Durability;
}

/** Strangers ask these; a proof takes less than a millisecond, and nobody waits longer than this for one. */
const PROOF_CONNECTIONS = 2;
const PROOF_TIMEOUT_MS = 5_000;

const systemEffects: PostgresEffects = {
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  randomId: () => randomUUID(),
};

/**
 * A store in a PostgreSQL database (14 or later), which any number of processes on any number of machines share; nothing is
 * opened before the function it returns is called. A restart of the database fails what was being committed, and what
 * asks for a connection waits for it for some seconds.
 *
 * @throws {StoreError} on opening: `store-newer`, `store-failed`; its methods reject with `store-newer` once a newer version has
 * changed the schema so that this one cannot use it
 * @example
 * const belfry = await createBelfry({ store: postgres({ url: process.env.DATABASE_URL }), … });
 */
export function postgres(options: PostgresOptions, effects: PostgresEffects = systemEffects): OpenStore {
  const { url, schema = 'belfry', listenUrl = url, maxConnections = 10, durability = 'disk' } = options;
  return async ({ onFault = () => {}, elapsed = () => performance.now() }: StoreEffects = {}) => {
    const database = openDatabase({ url, schema, maxConnections, durability, effects });
    let known: number;
    try {
      await checkSettings(database, durability);
      known = await migrate(database, schema);
    } catch (error) {
      await database.close();
      throw toStoreError(error);
    }
    const proofs = openDatabase({
      url,
      schema,
      maxConnections: PROOF_CONNECTIONS,
      durability,
      timeouts: { connectMs: PROOF_TIMEOUT_MS, queryMs: PROOF_TIMEOUT_MS, lockMs: PROOF_TIMEOUT_MS },
      effects,
    });
    const watch = watchSchema({ database, known, onFault });
    const channel = openWorkChannel({ database, schema, listenUrl, onLook: () => void watch.look(), effects });
    const deviceQueue = createDeviceQueue({ lanes: Math.max(1, Math.floor(maxConnections / 2)) });
    return connectStore({ database, proofs, deviceQueue, channel, watch, elapsed });
  };
}

interface Connected {
  readonly database: Database;
  readonly proofs: Database;
  readonly deviceQueue: DeviceQueue;
  readonly channel: WorkChannel;
  readonly watch: SchemaWatch;
  readonly elapsed: () => number;
}

function connectStore({ database, proofs, deviceQueue, channel, watch, elapsed }: Connected): Store {
  const operations = prepareOperations({
    database,
    proofs,
    deviceQueue,
    withdrawals: channel,
    onWork: channel.announce,
    elapsed,
  });
  const proveDevice = boundPending(operations.proveDevice, MAX_PENDING_PROOFS);
  const running = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  return {
    saveDevice: (device) => call(() => operations.saveDevice(device)),
    resubscribeDevice: (request) => call(() => operations.resubscribeDevice(request)),
    proveDevice: (proof) => call(() => proveDevice(proof)),
    removeDevice: (request) => call(() => operations.removeDevice(request)),
    endSession: (request) => call(() => operations.endSession(request)),
    saveReceipts: (request) => call(() => operations.saveReceipts(request)),
    devicesOfUser: (userId, limit) => call(() => operations.devicesOfUser(userId, limit)),
    joinTopic: (membership) => call(() => operations.joinTopic(membership)),
    leaveTopic: (membership) => call(() => operations.leaveTopic(membership)),
    topicsOf: (member) => call(() => operations.topicsOf(member)),
    enqueueMessage: (message) => call(() => operations.enqueueMessage(message)),
    messagesToPlan: (request) => call(() => operations.messagesToPlan(request)),
    timeZones: () => call(() => operations.timeZones()),
    planMessage: (plan) => call(() => operations.planMessage(plan)),
    leaseChunks: (request) => call(() => operations.leaseChunks(request)),
    readPage: (request) => call(() => operations.readPage(request)),
    commitPage: (page) => finish(() => operations.commitPage(page)),
    recordResults: (results) => finish(() => operations.recordResults(results)),
    takeDue: (request) => call(() => operations.takeDue(request)),
    releaseLeases: () => finish(() => operations.releaseLeases()),
    messageStatus: (id) => call(() => operations.messageStatus(id)),
    changeMessage: (request) => call(() => operations.changeMessage(request)),
    checkDate: (request) => call(() => operations.checkDate(request)),
    purge: (request) => call(() => operations.purge(request)),
    ensureVapidKeys: (request) => call(() => operations.ensureVapidKeys(request)),
    addVapidKeys: (request) => call(() => operations.addVapidKeys(request)),
    vapidKeys: () => call(() => operations.vapidKeys()),
    vapidKeysInUse: () => call(() => operations.vapidKeysInUse()),
    onWork: (listener) => channel.onWork(listener),
    onWithdrawal: (listener, taken) => channel.onWithdrawal(listener, taken),
    close() {
      closing ??= close();
      return closing;
    },
  };

  function call<Output>(operation: () => Promise<Output>): Promise<Output> {
    return watch.lost === undefined ? finish(operation) : Promise.reject(watch.lost);
  }

  /** For what ends work that was begun before: a process that cannot go on records its results and gives back its leases. */
  function finish<Output>(operation: () => Promise<Output>): Promise<Output> {
    if (closing !== undefined) return Promise.reject(new StoreError('store-closed', 'The store was closed'));
    const answer = operation()
      .catch(watch.rethrow)
      .finally(() => running.delete(answer));
    running.add(answer);
    return answer;
  }

  async function close(): Promise<void> {
    await Promise.allSettled(running);
    await channel.close();
    await watch.settled();
    await Promise.all([database.close(), proofs.close()]);
  }
}
