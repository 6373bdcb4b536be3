import { createHash } from 'node:crypto';
import { Client } from 'pg';
import type { Database } from './database.ts';
import type { PostgresEffects } from './effects.ts';
import { createWithdrawals, parseWithdrawalNotice, type Withdrawals } from './withdrawals.ts';

/** Tells other processes that there is work and what was withdrawn, and hears it from them. */
export interface WorkChannel extends Withdrawals {
  /** Resolves at once; what cannot be told is found by the others' next look. */
  announce(): void;
  /** See `Store.onWork`. */
  onWork(listener: () => void): () => void;
  close(): Promise<void>;
}

export interface WorkChannelOptions {
  readonly database: Database;
  readonly schema: string;
  /** Of a connection that is this session's own: a transaction pooler would lose the LISTEN. */
  readonly listenUrl: string;
  /** Is called every few seconds, before the listeners. */
  onLook(): void;
  readonly effects: PostgresEffects;
}

/** NOTIFY takes a lock that every notifying commit shares, so a burst of messages makes one of them in this time. */
const ANNOUNCE_EVERY_MS = 10;
/** What a NOTIFY did not tell, or nobody could: that a process has died and its leases are over. */
const LOOK_EVERY_MS = 5_000;
/** Of the connection that listens. One that broke without a word is noticed after this and `LOOK_EVERY_MS`. */
const QUERY_TIMEOUT_MS = 5_000;
const RECONNECT_MIN_MS = 100;
const RECONNECT_MAX_MS = 5000;

/** Listens from the first listener on, over a connection of its own; it connects again whenever that is lost. */
export function openWorkChannel({ database, schema, listenUrl, onLook, effects }: WorkChannelOptions): WorkChannel {
  // A schema's name may be too long for a channel, whose limit is 63 bytes.
  const channel = `belfry_${createHash('sha256').update(schema).digest('hex').slice(0, 32)}`;
  const notify = database.prepareWrite(`SELECT pg_notify($1, $2) WHERE ${database.durably}`);
  const withdrawals = createWithdrawals(database, channel);
  const listeners = new Set<() => void>();
  const telling = new Set<Promise<unknown>>();
  let announcing: 'no' | 'told' | 'again' = 'no';
  let client: Client | undefined;
  let delayMs = RECONNECT_MIN_MS;
  let checkConnection = () => {};
  let cancelReconnect = () => {};
  let cancelLook = () => {};
  let isClosed = false;

  return {
    announce() {
      if (announcing === 'no') tell();
      else announcing = 'again';
    },
    onWork(listener) {
      // A function of its own, so that one listener given twice is two.
      const called = () => listener();
      listeners.add(called);
      start();
      return () => void listeners.delete(called);
    },
    ...withdrawals,
    onWithdrawal(listener, taken) {
      const end = withdrawals.onWithdrawal(listener, taken);
      start();
      return end;
    },
    async close() {
      isClosed = true;
      cancelReconnect();
      cancelLook();
      if (announcing === 'again') tell();
      await Promise.all(telling);
      await client?.end().catch(() => {});
    },
  };

  function start(): void {
    if (client !== undefined) return;
    connect();
    lookAgain();
  }

  function tell(): void {
    announcing = 'told';
    const told = database
      .write(notify, channel, database.storeId)
      .catch(() => [])
      .finally(() => telling.delete(told));
    telling.add(told);
    effects.after(ANNOUNCE_EVERY_MS, () => {
      if (announcing === 'again' && !isClosed) tell();
      else announcing = 'no';
    });
  }

  function lookAgain(): void {
    cancelLook = effects.after(LOOK_EVERY_MS, () => {
      onLook();
      checkConnection();
      callBack();
      lookAgain();
    });
  }

  function connect(): void {
    const connection = new Client({
      connectionString: listenUrl,
      connectionTimeoutMillis: 10_000,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
      fallback_application_name: 'belfry',
    });
    client = connection;
    let isLost = false;
    const lose = (): void => {
      if (isLost || isClosed) return;
      isLost = true;
      connection.end().catch(() => {});
      cancelReconnect = effects.after(delayMs, connect);
      delayMs = Math.min(delayMs * 2, RECONNECT_MAX_MS);
    };
    checkConnection = () => {};
    connection.on('error', lose);
    connection.on('end', lose);
    connection.on('notification', ({ payload = '' }) => {
      if (isClosed) return;
      const withdrawal = parseWithdrawalNotice(payload);
      // Its own too: where the connection breaks in the middle of a commit, the call fails, and only the notice says what it did.
      if (withdrawal !== undefined) withdrawals.tellHere(withdrawal);
      else if (!payload.startsWith(database.storeId)) callBack();
    });
    listen(connection, lose).catch(lose);
  }

  async function listen(connection: Client, lose: () => void): Promise<void> {
    await connection.connect();
    await connection.query(`LISTEN ${channel}`);
    // What was told before, or meanwhile, was missed.
    callBack();
    await withdrawals.lookUp();
    delayMs = RECONNECT_MIN_MS;
    // Not earlier: a query on a connection that is still being set up would end that after `QUERY_TIMEOUT_MS`.
    checkConnection = () => void connection.query('SELECT 1').catch(lose);
  }

  function callBack(): void {
    if (isClosed) return;
    for (const listener of listeners) listener();
  }
}
